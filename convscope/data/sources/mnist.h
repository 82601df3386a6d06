#pragma once

#include "convscope/data/sources/mnist_files.h"

namespace convscope {

/** MNIST, LeCun, Bottou, Bengio and Haffner 1998: digits written by hand. Its classes are of different sizes. */
class Mnist : public MnistFiles {
 public:
  static constexpr const char* kName = "mnist";
  using Options = NoOptions;
  explicit Mnist(Options) {}

  std::string name() const override { return kName; }
  std::vector<int64_t> per_class(Split split) const override;
  /** Shifted; a mirrored digit is none. */
  std::string harmless_changes(const Shape&) const override { return "pad-crop,pad=1"; }

 protected:
  Facts facts() const override;
};

}  // namespace convscope
