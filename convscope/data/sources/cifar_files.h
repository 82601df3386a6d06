#pragma once

#include <span>

#include "convscope/data/source.h"

namespace convscope {

/**
 * The official binary format of CIFAR-10 and CIFAR-100, Krizhevsky 2009: small photos, [3, 32, 32]. A file is records of the labels, a byte
 * each, then the red, green and blue planes, row by row. Class names come from a file beside them where it is there.
 */
class CifarFiles : public DataSource {
 public:
  std::vector<Path> folders() const override;
  std::string how_to_get(const Path& root) const override;
  Offer offer() const override;
  std::string harmless_changes(const Shape&) const override { return "pad-crop,pad=4+flip"; }
  std::string archive() const override { return format().archive; }
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;

  struct Record {
    int64_t labels = 1;   // before each picture
    int64_t label = 0;    // which of them counts
    size_t classes = 10;  // it names one of them
  };
  /** The content is as many records as there is room for: labels [N], levels [N, 3, 32, 32]. A longer or shorter one is an error. */
  static void read_records(const FileContent& content, const Record& record, std::span<int32_t> labels, std::span<uint8_t> levels);

 protected:
  struct Format {
    int64_t labels = 1;  // before each picture
    int64_t label = 0;   // which of them counts
    std::string archive, md5, archive_folder;
    std::string names_file;            // in which the class names stand, one a line
    std::vector<std::string> classes;  // where that is not there
  };
  virtual Format format() const = 0;

  /** Bytes of so many records. */
  static int64_t bytes_of(int64_t records, int64_t labels);
};

}  // namespace convscope
