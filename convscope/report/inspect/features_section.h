#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Pictures made to drive channels, beside the data's images that drive them most: `inspect/features-…`. */
class FeaturesSection : public Section {
 public:
  using Options = NoOptions;
  explicit FeaturesSection(Options) {}

  std::string heading() const override { return "What channels look for"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
