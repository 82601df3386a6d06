#pragma once

#include <memory>
#include <string_view>

#include "convscope/models/model.h"

namespace convscope {

/** Whether the text names a file that describes a network, not a member of the table. */
bool is_model_file(std::string_view text);

/**
 * A model as somebody says it: one of the table with its options, or the network in an ONNX file, whose last layer is another one where
 * other classes are asked for.
 */
std::unique_ptr<Model> model_named(std::string_view text);

}  // namespace convscope
