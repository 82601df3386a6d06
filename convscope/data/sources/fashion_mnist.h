#pragma once

#include "convscope/data/sources/mnist_files.h"

namespace convscope {

/** Fashion-MNIST, Xiao, Rasul and Vollgraf 2017: pictures of an online shop's articles in MNIST's format. */
class FashionMnist : public MnistFiles {
 public:
  static constexpr const char* kName = "fashion-mnist";
  using Options = NoOptions;
  explicit FashionMnist(Options) {}

  std::string name() const override { return kName; }
  std::vector<int64_t> per_class(Split split) const override;
  std::string harmless_changes(const Shape&) const override { return "flip"; }
  std::string how_to_get(const Path& root) const override;

 protected:
  Facts facts() const override;
};

}  // namespace convscope
