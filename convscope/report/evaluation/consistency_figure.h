#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/consistency_record.h"

namespace convscope {

/** Share of the images that keep their class, by how far they moved down and right in a circle. */
Figure consistency_figure(const Consistency& consistency, std::string_view title);

/** `consistency.svg`, `.png` and, with the shares, `.csv` in the folder. */
void write_consistency_figure(const Path& folder, const Consistency& consistency, std::string_view title);

}  // namespace convscope
