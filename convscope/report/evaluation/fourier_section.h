#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Errors under noise of each frequency: `fourier.json`, finished or not. */
class FourierSection : public Section {
 public:
  using Options = NoOptions;
  explicit FourierSection(Options) {}

  std::string heading() const override { return "Frequencies"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
};

}  // namespace convscope
