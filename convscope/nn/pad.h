#pragma once

#include "convscope/graph/ops/pad.h"
#include "convscope/nn/op_layer.h"

namespace convscope {

/** Rows and columns of one number around each plane: `Pad({.top = 1, .left = 1})`. */
using Pad = OpLayer<PadOp>;

}  // namespace convscope
