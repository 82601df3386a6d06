#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Networks that tell oscillations apart, by size and noise: `oscillations.json`. */
class OscillationsSection : public Section {
 public:
  using Options = NoOptions;
  explicit OscillationsSection(Options) {}

  std::string heading() const override { return "Oscillations"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
};

}  // namespace convscope
