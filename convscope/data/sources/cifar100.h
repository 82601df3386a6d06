#pragma once

#include "convscope/data/sources/cifar_files.h"

namespace convscope {

/** CIFAR-100, Krizhevsky 2009: each photo has a fine label, one of 100 classes, and a coarse one, one of 20 groups of five classes. */
class Cifar100 : public CifarFiles {
 public:
  static constexpr const char* kName = "cifar100";
  struct Options {
    bool coarse = false;

    void fields(auto&& field) { field("coarse", coarse, "labels are the 20 groups in place of the 100 classes"); }
  };
  explicit Cifar100(Options options) : options_(options) {}

  std::string name() const override { return kName; }
  std::vector<DataFile> files(Split split) const override;
  std::vector<int64_t> per_class(Split split) const override;

 protected:
  Format format() const override;

 private:
  Options options_;
};

}  // namespace convscope
