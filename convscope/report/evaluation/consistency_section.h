#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Whether answers stay when pictures move: `consistency.json`. */
class ConsistencySection : public Section {
 public:
  using Options = NoOptions;
  explicit ConsistencySection(Options) {}

  std::string heading() const override { return "Consistency"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
};

}  // namespace convscope
