#pragma once

#include "convscope/data/source.h"

namespace convscope {

/** Fashion-MNIST, Xiao, Rasul and Vollgraf 2017: pictures of an online shop's articles, [1, 28, 28], in IDX files. */
class FashionMnist : public DataSource {
 public:
  static constexpr const char* kName = "fashion-mnist";
  using Options = NoOptions;
  explicit FashionMnist(Options) {}

  std::string name() const override { return kName; }
  std::vector<DataFile> files(Split split) const override;
  std::vector<int64_t> per_class(Split split) const override;
  std::string how_to_get(const Path& root) const override;
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;
};

}  // namespace convscope
