#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** What the network says about single images: `predictions/`. */
class PredictionsSection : public Section {
 public:
  using Options = NoOptions;
  explicit PredictionsSection(Options) {}

  std::string heading() const override { return "Predictions"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
  std::string_view script() const override;
};

}  // namespace convscope
