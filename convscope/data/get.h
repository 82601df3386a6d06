#pragma once

#include "convscope/data/source.h"

namespace convscope {

/** What is being done, for those who wait. */
struct GetProgress {
  std::string file;
  bool unpacking = false;
  int64_t done = 0;
  int64_t total = 0;  // bytes of the file; 0 where unknown
};

struct GetOptions {
  std::string from;  // address of a folder that offers the same files; empty: their makers'
  std::function<void(const GetProgress&)> progress;
  std::function<bool()> stop;
};

struct Got {
  Path folder;
  bool stopped = false;  // by `stop`; to get it again goes on
  bool was_there = false;
  DataFacts facts;  // of a folder of pictures: one split, counts alone
};

/** Names of what can be fetched: the members of the family that somebody offers, and folders of pictures. */
std::vector<std::string> names_to_get();

/**
 * Fetches a data set into `root`/name, unpacks it and checks its counts.
 *
 * What is there is not fetched again, what broke off goes on. Wrong counts are errors, and what was fetched goes away, so that the next
 * time starts anew; a file with another checksum than its makers' is a warning where the counts are right.
 */
Got get_data(std::string_view name, const Path& root, const GetOptions& options = {});

}  // namespace convscope
