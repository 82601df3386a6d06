#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/activations_record.h"

namespace convscope {

/** The image in the first place and a node's maps behind it, row by row; every map has its own scale, one that is zero is black. */
Figure activation_sheet(const ActivationsRecord& record, const ImageAnswers& answers, const Image& input, const Image& tiles);

/** What the colours mean. */
std::string activation_scale_text(const ActivationsRecord& record, const ImageAnswers& answers);

}  // namespace convscope
