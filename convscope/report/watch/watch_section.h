#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** How attributions came to be while the network was trained: `watch/`, with a slider over its frames. */
class WatchSection : public Section {
 public:
  using Options = NoOptions;
  explicit WatchSection(Options) {}

  std::string heading() const override { return "While it learned"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
  std::string_view script() const override;
};

}  // namespace convscope
