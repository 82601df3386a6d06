#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Attacks: robustness curves of all of them, and of each its numbers, its pictures, and which class was turned into which. */
class AttackSection : public Section {
 public:
  using Options = NoOptions;
  explicit AttackSection(Options) {}
  std::string heading() const override { return "Adversaries"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
