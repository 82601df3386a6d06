#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Which pixels matter, image by image and method by method: `attributions/`. */
class AttributionSection : public Section {
 public:
  using Options = NoOptions;
  explicit AttributionSection(Options) {}

  std::string heading() const override { return "What it looks at"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
  std::string_view script() const override;
};

}  // namespace convscope
