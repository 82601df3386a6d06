#pragma once

#include <string_view>
#include <vector>

#include "convscope/graph/op.h"

namespace convscope {

/** Scores of one image, in double: what objectives compute with. */
using ScoreRow = std::vector<double>;

/** Row n of scores [N, Y]. */
ScoreRow score_row(const Tensor& x, int64_t n);

/** log softmax x = x − top − log Σ exp(x − top): nothing overflows, and no small probability is lost before its logarithm. */
ScoreRow log_softmax(const ScoreRow& x);

/** The label of row `n` as an index; also `least` = −1 for the largest. An error that names the sample where it is no class. */
int64_t label_at(std::string_view kind, const Tensor& labels, int64_t n, int64_t classes, int64_t least, const RunContext& context);

}  // namespace convscope
