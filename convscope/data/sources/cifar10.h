#pragma once

#include "convscope/data/sources/cifar_files.h"

namespace convscope {

/** CIFAR-10, Krizhevsky 2009: photos of animals and vehicles, one label each, in five files for training and one for the test. */
class Cifar10 : public CifarFiles {
 public:
  static constexpr const char* kName = "cifar10";
  using Options = NoOptions;
  explicit Cifar10(Options) {}

  std::string name() const override { return kName; }
  std::vector<DataFile> files(Split split) const override;
  std::vector<int64_t> per_class(Split split) const override;

 protected:
  Format format() const override;
};

}  // namespace convscope
