#pragma once

#include <optional>

#include "convscope/models/checkpoint.h"
#include "convscope/models/onnx/onnx_file.h"
#include "convscope/nn/normalize.h"

namespace convscope {

/**
 * ONNX networks onto the ordinary graph: what comes out is a checkpoint like any other, whose nodes and parameters have the file's names.
 *
 * Read are convolutional classifiers of opset 6 to 27, judged by what their operators mean: one input of pictures [N, C, H, W], or
 * [N, H, W, C] where the network transposes it, one output [N, Y] (of several one is chosen). Batch norm stays batch norm; transposes
 * between the two orders of axes are followed, not computed. A softmax or sigmoid at the end is left out, so that the network ends in
 * logits; one number a picture is that of the second of two classes, (0, z). What has no meaning here (an unknown op, shapes that depend on
 * the picture, steps that mix the images of a batch) is an error that names node, op and domain.
 *
 * The checkpoint's notes have "onnx": {"opset", "producer", "left_out": the softmax or sigmoid, "remarks": [what a person should know]}.
 */
struct OnnxImport {
  std::optional<Shape> image = {};  // [C, H, W] instead of what the file says, or where it leaves it open
  std::optional<Normalization> preprocessing =
      {};                   // becomes the first node, also where it is empty; not said: what the file's metadata say
  std::string output = {};  // which one has the classes, where there are several
};
Checkpoint parse_onnx_network(std::string_view bytes, const OnnxImport& options, std::string_view whose, const OnnxBeside& beside = {});
Checkpoint load_onnx_network(const Path& path, const OnnxImport& options = {});

/** What our own export writes about a network into a file's metadata. */
inline constexpr std::string_view kOnnxClasses = "convscope.classes";      // JSON list
inline constexpr std::string_view kOnnxNormalize = "convscope.normalize";  // JSON {"mean": [], "std": []}, where it is not in the graph
inline constexpr std::string_view kOnnxOrigin = "convscope.origin";        // "resnet20,shortcut=identity"

/** Whether `path` is named like an ONNX file, in letters of any size. */
bool is_onnx_file(const Path& path);

/** A network of any inputs and outputs as the file says it, softmax included: for conformance tests. */
struct OnnxGraph {
  Graph graph;  // for one image
  std::map<std::string, Tensor> tensors;
  std::vector<Value> outputs;
  std::vector<std::string> notes;  // what was left out
};
OnnxGraph import_onnx_graph(const OnnxModel& model);

/** The operators that are read, by name. */
std::vector<std::string> onnx_operators();

}  // namespace convscope
