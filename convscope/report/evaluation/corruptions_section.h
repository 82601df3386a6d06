#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Accuracy on corrupted pictures: `corruptions.json`. */
class CorruptionsSection : public Section {
 public:
  using Options = NoOptions;
  explicit CorruptionsSection(Options) {}

  std::string heading() const override { return "Corruptions"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
