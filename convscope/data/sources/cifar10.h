#pragma once

#include "convscope/data/source.h"

namespace convscope {

/**
 * CIFAR-10, Krizhevsky 2009: small photos, [3, 32, 32], in the official binary files. A file is 10,000 records of 3,073 bytes: the label,
 * then the red, green and blue planes, row by row. Class names come from `batches.meta.txt` where it is there.
 */
class Cifar10 : public DataSource {
 public:
  static constexpr const char* kName = "cifar10";
  using Options = NoOptions;
  explicit Cifar10(Options) {}

  std::string name() const override { return kName; }
  std::vector<Path> folders() const override;
  std::vector<DataFile> files(Split split) const override;
  std::vector<int64_t> per_class(Split split) const override;
  std::string how_to_get(const Path& root) const override;
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;
};

}  // namespace convscope
