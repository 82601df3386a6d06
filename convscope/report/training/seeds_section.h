#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** What the same training came to with several seeds: `seeds.json`. */
class SeedsSection : public Section {
 public:
  using Options = NoOptions;
  explicit SeedsSection(Options) {}

  std::string heading() const override { return "Seeds"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  bool sums_up() const override { return true; }
};

}  // namespace convscope
