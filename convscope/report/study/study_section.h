#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Published figures beside ours: `study.json`. */
class StudySection : public Section {
 public:
  using Options = NoOptions;
  explicit StudySection(Options) {}

  std::string heading() const override { return "Published and here"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  bool sums_up() const override { return true; }
  std::string_view style() const override;
};

}  // namespace convscope
