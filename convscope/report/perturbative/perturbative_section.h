#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Masks in the place of convolutions: `perturbative.json` and its trainings' metrics. */
class PerturbativeSection : public Section {
 public:
  using Options = NoOptions;
  explicit PerturbativeSection(Options) {}

  std::string heading() const override { return "Masks and convolutions"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
};

}  // namespace convscope
