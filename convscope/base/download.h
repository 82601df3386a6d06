#pragma once

/**
 * Fetches a file over http or https by libcurl.
 *
 * Goals: a file is there whole and right or not at all; what came before an interruption is not fetched again.
 * Not goals: other protocols, passwords, more than one file at a time.
 */

#include <cstdint>
#include <functional>
#include <string>

#include "convscope/base/file.h"

namespace convscope {

struct DownloadOptions {
  int64_t expected_bytes = 0;  // 0: as the server says
  std::string md5 = {};        // 32 hexadecimal digits; empty where none is known
  /** Called several times a second; `total` is 0 where nobody says it. */
  std::function<void(int64_t done, int64_t total)> progress = {};
  /** True ends it; what has come stays for the next time. */
  std::function<bool()> stop = {};
  int64_t stall_seconds = 60;  // without a byte, then it is broken off
};

enum class DownloadEnd { done, stopped };

/**
 * The file at `url` comes to `path`.
 *
 *   path.part   what has come so far; the next call asks the server for the rest (Range), a server that sends all again is taken at its
 * word path        appears when length and MD5 are right
 *
 * Errors: a server that refuses; a connection that breaks off (running again goes on); a wrong length or MD5 (the part is removed).
 */
DownloadEnd download(const std::string& url, const Path& path, const DownloadOptions& options = {});

}  // namespace convscope
