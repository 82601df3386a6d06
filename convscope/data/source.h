#pragma once

#include <functional>
#include <memory>

#include "convscope/base/file.h"
#include "convscope/base/table.h"
#include "convscope/data/dataset.h"

namespace convscope {

/** A file as the makers of a data set published it. On disk it may be gzipped, with `.gz` added to its name. */
struct DataFile {
  std::string name;
  int64_t bytes = 0;  // unpacked
  std::string md5;    // of the unpacked content; empty where none is known
};

/** A file as its makers offer it on the net. */
struct OfferedFile {
  std::string name;
  std::string md5;  // empty where none is published
};

/** Where a data set is fetched from. */
struct Offer {
  std::string address;  // of a folder, with '/' at the end
  std::vector<OfferedFile> files;
};

/** What was in a file. */
struct FileContent {
  Path path;          // for messages; of a file in an archive, that of the archive with its name behind
  std::string bytes;  // unpacked; one byte too many where the file is longer than published
};

struct FileFacts {
  std::string file;
  int64_t bytes = 0;
  std::string md5;
  std::string official_md5;

  void fields(auto&& field) {
    field("file", file, "path of the file");
    field("bytes", bytes, "its length, unpacked");
    field("md5", md5, "checksum of the unpacked content");
    field("official_md5", official_md5, "what its makers' file has; empty where none is known");
  }
};

struct SplitFacts {
  std::string split;
  int64_t images = 0;
  std::vector<int64_t> per_class;
  std::vector<double> mean;
  std::vector<double> deviation;

  void fields(auto&& field) {
    field("split", split, "train or test");
    field("images", images, "count of images");
    field("per_class", per_class, "count of images of each class");
    field("mean", mean, "mean pixel of each channel");
    field("deviation", deviation, "standard deviation of the pixels of each channel");
  }
};

struct DataFacts {
  std::vector<SplitFacts> splits;
  std::vector<FileFacts> files;
  std::vector<std::string> warnings;
};

/** A published data set: its files, and how to read them. A member of the family of data sets. */
class DataSource {
 public:
  virtual ~DataSource() = default;

  virtual std::string name() const = 0;
  /** Folders under a root where its files may lie, likeliest first. */
  virtual std::vector<Path> folders() const { return {name()}; }
  virtual std::vector<DataFile> files(Split split) const = 0;
  /** Made from its options alone: it has no files of its own and is found without a folder. */
  virtual bool generated() const { return false; }
  /** Whether somebody published how many images of each class it has. */
  virtual bool published() const { return true; }
  /** How many images of each class the split has. */
  virtual std::vector<int64_t> per_class(Split split) const = 0;
  /** A sentence for those who do not have it; `root` is where they may put it. */
  virtual std::string how_to_get(const Path& root) const = 0;
  /** Where `data get` fetches it; no files: nowhere. */
  virtual Offer offer() const { return {}; }
  /** Name of the archive in which its makers offer all files; where a folder holds it, they need not be unpacked. Empty: there is none. */
  virtual std::string archive() const { return {}; }

  /** Random changes of its training pictures, [C, H, W], that leave their classes what they are, as `augment` takes them; none where none
   * is sure. */
  virtual std::string harmless_changes(const Shape&) const { return "none"; }

  /** What a network takes, [C, H, W]: pictures of other sizes are brought to it; those of one size are as they are. */
  virtual void bring_to(const Shape&) {}

  /** Reads and checks the split's files; whatever is not as published (a length, a count, a label) is an error that names the file. */
  virtual std::shared_ptr<const Dataset> load(Split split, const Path& folder) const = 0;

  /** Files of the split that `folder` lacks; none where it holds the archive. */
  std::vector<std::string> missing(Split split, const Path& folder) const;
  /** The same, whether the archive is there or not. */
  std::vector<std::string> not_unpacked(Split split, const Path& folder) const;

  /** Counts and statistics of both splits. Wrong counts are errors; a checksum that is not the official one is a warning. */
  DataFacts check(const Path& folder) const;

 protected:
  /** Hands over the content of each file with its place in `files`: from the folder, or else, in the archive's order, from the archive. */
  void read(const std::vector<DataFile>& files, const Path& folder, const std::function<void(size_t place, FileContent)>& take) const;
  static int32_t checked_label(uint8_t label, size_t classes, int64_t image, const Path& path);
};

/** The family. */
const Table<DataSource>& data_sources();

/** Counts, means and deviations of any data set as it is in epoch 0. */
SplitFacts facts(const Dataset& dataset, std::string_view split);

}  // namespace convscope
