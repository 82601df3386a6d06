#pragma once

#include <optional>
#include <string_view>

#include "convscope/report/draw/figure.h"
#include "convscope/results/evaluation.h"

namespace convscope {

/** Classes that have room for their names. */
inline constexpr size_t kMostNamedClasses = 60;

/**
 * Who is taken for whom: a row for each true class, a column for each predicted one, and each class's share of right answers at its
 * row's end. Right answers are blue, errors orange and shaded on a scale of their own, so that rare ones are seen too.
 * Counts are written up to 30 classes, names up to 60; of more classes those that occur are shown, if they are at most 59. Without a title
 * the accuracy is left to what stands around the figure.
 */
Figure confusion_matrix(const Evaluation& evaluation, std::string_view title);

/** Where the cells lie in that figure, all of one size; nothing where they are too many to be told one by one. */
std::optional<Box> confusion_cells(const Evaluation& evaluation, std::string_view title);

/** `confusion-matrix.svg`, `.png` and, with the counts, `.csv` in the folder. */
void write_confusion_matrix(const Path& folder, const Evaluation& evaluation, std::string_view title);

}  // namespace convscope
