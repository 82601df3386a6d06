#pragma once

#include <optional>

#include "convscope/base/fields.h"
#include "convscope/models/onnx/import.h"

namespace convscope {

/** What lies beside NET.onnx as NET.onnx.json: the options that this network wants, and its classes. */
struct OnnxSideFile {
  std::string normalize = {};
  bool scale255 = false;
  std::string image = {}, output = {};
  std::vector<std::string> classes = {};

  void fields(auto&& field) {
    field("normalize", normalize, "as `normalize`");
    field("scale255", scale255, "as `scale255`");
    field("image", image, "as `image`");
    field("output", output, "as `output`");
    field("classes", classes, "names, in the order of the logits");
  }
};

Path side_file_of(const Path& network);
/** Nothing said where there is none. */
OnnxSideFile read_side_file(const Path& network);

/** How a network is read whose side file alone says something: its pictures' size and its output. What prepares pixels is the caller's. */
OnnxImport import_of(const Path& network);

}  // namespace convscope
