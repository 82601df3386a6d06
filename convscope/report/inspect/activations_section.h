#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** What layers give for images, channel by channel: `inspect/activations-…`. */
class ActivationsSection : public Section {
 public:
  using Options = NoOptions;
  explicit ActivationsSection(Options) {}

  std::string heading() const override { return "Activations"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
