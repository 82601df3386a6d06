#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** What happens to frequencies where samples are dropped: `aliasing/`. */
class AliasingSection : public Section {
 public:
  using Options = NoOptions;
  explicit AliasingSection(Options) {}

  std::string heading() const override { return "Aliasing"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
