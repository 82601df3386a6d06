#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Who is taken for whom: `evaluation.json`. */
class ConfusionSection : public Section {
 public:
  using Options = NoOptions;
  explicit ConfusionSection(Options) {}

  std::string heading() const override { return "Confusion"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
  std::string_view script() const override;
};

}  // namespace convscope
