#pragma once

#include <string>
#include <vector>

#include "convscope/models/onnx/onnx_file.h"

namespace convscope {

/**
 * Files that do not hold the network that was trained. onnxscript up to 0.5.6 calls the bias that it folds a batch norm into
 * `<input of the layer>_bias`: two layers that read the same tensor (a block's first convolution and its shortcut) then share the one that
 * was written last (pytorch#166797, #169178). Shared zeros are no fault, nor is a bias that layers with other inputs share: sentences for
 * the others, empty where there are none.
 */
std::vector<std::string> overwritten_biases(const OnnxModel& model);

}  // namespace convscope
