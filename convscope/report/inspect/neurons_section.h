#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Which images drive neurons most: `inspect/neurons-…`. */
class NeuronsSection : public Section {
 public:
  using Options = NoOptions;
  explicit NeuronsSection(Options) {}

  std::string heading() const override { return "What neurons want"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
