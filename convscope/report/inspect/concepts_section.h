#pragma once

#include "convscope/report/page/section.h"

namespace convscope {

/** Concepts that were brought, `inspect/concepts-…`, and those that were found, `inspect/craft-…`. */
class ConceptsSection : public Section {
 public:
  using Options = NoOptions;
  explicit ConceptsSection(Options) {}

  std::string heading() const override { return "Concepts"; }
  bool applies(const Path& folder) const override;
  SectionContent render(std::span<const RunFolder> runs) const override;
  std::string title(const Path& folder) const override;
  std::string_view style() const override;
};

}  // namespace convscope
