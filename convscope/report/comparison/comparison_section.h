#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/**
 * Several runs beside each other: accuracies with their intervals, differences on the same images, curves under the same attack, maps of
 * the same images, and the images on which they disagree. The learning curves of all stand under Training.
 */
class ComparisonSection : public Section {
 public:
  using Options = NoOptions;
  explicit ComparisonSection(Options) {}

  std::string heading() const override { return "Comparison"; }
  bool applies(const Path& folder) const override;
  size_t fewest() const override { return 2; }
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
};

}  // namespace convscope
