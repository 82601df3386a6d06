#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/models/model.h"

namespace convscope {

/** A file that describes a network: an ONNX file, or an architecture (architecture/architecture.h) with its options. */
struct ModelFile {
  Path path;
  std::string options;  // ",width=8"; empty: none
};
/** Of a text that names one; none where it names a member of the table. */
std::optional<ModelFile> model_file(std::string_view text);

/** Whether it is a network with its weights: an ONNX file, or a checkpoint of ours. */
bool is_model_file(std::string_view text);

/**
 * A model as somebody says it: one of the table with its options, one in an architecture file with its, or the network in an ONNX file or
 * a checkpoint of ours, whose last layer is another one where other classes are asked for.
 */
std::unique_ptr<Model> model_named(std::string_view text);

/** The same model in the words of a record: `resnet20,shortcut=identity`, or the file with its options. */
std::string model_origin(std::string_view text);

}  // namespace convscope
