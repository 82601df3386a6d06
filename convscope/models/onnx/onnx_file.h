#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

/**
 * What an ONNX file says, as plain values: nodes with their attributes, constants, inputs and outputs.
 * Goals: whatever bytes come, they are read or an Error says why not; no tensor takes more than a few times the memory of its bytes. (All
 * whole numbers are held as int64_t, those of 8 bits and truth values in eight times their bytes, halves as floats in twice.)
 * Non-goals: meaning (import.h); subgraphs, functions, sequences, sparse and external data, training information.
 */

/** Extents that a tensor of a file may have, or one that is made of it. */
constexpr size_t kMostOnnxRank = 8;

/** Row-major numbers: real ones (F16, BF16, F32, F64 as F32) or whole ones (all widths, truth values). */
struct OnnxTensor {
  std::vector<int64_t> dims;
  bool whole = false;
  std::vector<float> reals;
  std::vector<int64_t> integers;

  int64_t size() const { return static_cast<int64_t>(whole ? integers.size() : reals.size()); }
  double at(int64_t i) const { return whole ? static_cast<double>(integers[static_cast<size_t>(i)]) : reals[static_cast<size_t>(i)]; }
};

struct OnnxAttribute {
  enum Kind { real, integer, text, tensor, reals, integers, other } kind = other;
  float number = 0;
  int64_t count = 0;
  std::string words;
  std::vector<float> numbers;
  std::vector<int64_t> counts;
  OnnxTensor value;
};

struct OnnxNode {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;  // an empty name: left out
  std::map<std::string, OnnxAttribute, std::less<>> attributes;
};

/** An input, as declared. */
struct OnnxInput {
  static constexpr int64_t kOpen = -1;
  std::string name;
  bool real = true;
  std::vector<int64_t> dims;  // kOpen: any extent
};

struct OnnxModel {
  int64_t opset = 0;
  std::string producer;
  std::vector<OnnxNode> nodes;  // in the order in which they can be run
  std::map<std::string, OnnxTensor, std::less<>> constants;
  std::vector<OnnxInput> inputs;  // without those that are constants
  std::vector<std::string> outputs;
};

/** `whose` opens the messages. */
OnnxModel parse_onnx(std::string_view bytes, std::string_view whose);
/** A tensor alone in a file, as conformance tests have them. */
OnnxTensor parse_onnx_tensor(std::string_view bytes, std::string_view whose);

}  // namespace convscope
