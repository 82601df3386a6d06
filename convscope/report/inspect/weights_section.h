#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Filters of layers as pictures: `inspect/weights-…`. */
class WeightsSection : public Section {
 public:
  using Options = NoOptions;
  explicit WeightsSection(Options) {}

  std::string heading() const override { return "Weights"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
};

}  // namespace convscope
