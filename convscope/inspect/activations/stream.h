#pragma once

#include <functional>

#include "convscope/data/dataset.h"
#include "convscope/subject/subject.h"

namespace convscope {

/**
 * What a node gives for images of a data set, batch by batch; memory does not grow with their count.
 * `take` gets some of the `indices` in their order, and for each a row of y [≥ some, F].
 */
void stream(Subject& subject, const Dataset& data, std::span<const int64_t> indices, const std::string& node,
            const std::function<void(std::span<const int64_t> some, const Tensor& y)>& take);

}  // namespace convscope
