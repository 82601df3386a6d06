#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Images that a layer finds alike: `inspect/clusters-…`. */
class ClustersSection : public Section {
 public:
  using Options = NoOptions;
  explicit ClustersSection(Options) {}

  std::string heading() const override { return "Clusters"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
  std::string_view script() const override;
};

}  // namespace convscope
