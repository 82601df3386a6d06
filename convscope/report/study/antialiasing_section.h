#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** The same network with each way to drop samples: `antialiasing.json`. */
class AntialiasingSection : public Section {
 public:
  using Options = NoOptions;
  explicit AntialiasingSection(Options) {}

  std::string heading() const override { return "Anti-aliasing"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string_view style() const override;
  std::string_view script() const override;
};

}  // namespace convscope
