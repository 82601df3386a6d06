#pragma once

#include "convscope/models/checkpoint.h"
#include "convscope/models/onnx/onnx_file.h"

namespace convscope {

/** How a network becomes an ONNX file. */
struct OnnxExport {
  int64_t opset = 18;
  bool fold = false;
  std::string normalization = "inside";

  void fields(auto&& field) {
    field("opset", opset, "version of the operators: 13, 17 or 18");
    field("fold", fold, "batch norm goes into the weights of the layer before it");
    field("normalization", normalization,
          "inside: the file's network takes pixels in [0, 1] and prepares them itself; metadata: it takes prepared ones, and mean and "
          "deviation are told in the file's metadata (`convscope.normalize`)");
  }
};

/** What is wrong with what was asked for; empty: nothing. */
std::string wrong_with(const OnnxExport& options);

/**
 * A network for other programs: what it computes when it is not trained, in operators that everybody knows, one file, float32, any count of
 * images; nodes and weights have their names here, the output is called `logits` (convscope.logits where a node is). Batch norm stays batch
 * norm unless it is folded; dropout is gone; rrelu has its mean slope. Read again it gives the same logits to rounding; class names and
 * origin are in the metadata.
 */
OnnxModel onnx_of(const Checkpoint& network, const OnnxExport& options = {});

/** The file's bytes. */
std::string onnx_bytes(const OnnxModel& model);

}  // namespace convscope
