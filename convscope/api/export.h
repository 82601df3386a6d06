#pragma once

#include "convscope/api/network.h"
#include "convscope/models/onnx/export.h"

namespace convscope {

/** Where a network goes, for other programs; at least one of the files. */
struct ExportOptions : OnnxExport {
  std::string onnx = {};
  std::string safetensors = {};

  void fields(auto&& field) {
    field("onnx", onnx, "ONNX file to write");
    field("safetensors", safetensors,
          "safetensors file to write: weights by the names of PyTorch's own zoo (`fc.weight`), for `load_state_dict`; what prepares the "
          "pixels "
          "is told in its metadata");
    OnnxExport::fields(field);
  }
};

/** What was written. */
struct Exported {
  struct File {
    std::string file, kind, sha256;
    int64_t bytes = 0;

    void fields(auto&& field) {
      field("file", file, "where it lies");
      field("kind", kind, "onnx or safetensors");
      field("bytes", bytes, "its size");
      field("sha256", sha256, "its checksum");
    }
  };
  std::string network;
  int64_t parameters = 0;
  double difference = 0;
  std::vector<File> files;

  void fields(auto&& field) {
    field("network", network, "what was exported");
    field("parameters", parameters, "numbers in its trained parameters");
    field("difference", difference,
          "largest difference between its logits and those of the ONNX file read again, on pictures of noise, over the largest logit or 1");
    field("files", files, "what was written");
  }
};

/** Writes them, each whole or not at all; an ONNX file is read again and compared first. */
Exported export_network(const Network& network, const ExportOptions& options, const Setting& setting = {});

}  // namespace convscope
