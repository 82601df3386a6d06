#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/models/onnx/external.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/**
 * What an ONNX file says, as plain values: nodes with their attributes, constants, inputs and outputs.
 * Goals: whatever bytes come, they are read or an Error says why not; no tensor takes more than a few times the memory of its bytes. (All
 * whole numbers are held as int64_t, those of 8 bits and truth values in eight times their bytes, halves as floats in twice.)
 * Functions of the file are put in place of the nodes that call them; numbers in other files are read through `OnnxBeside`.
 * Non-goals: meaning (import.h); subgraphs, sequences, sparse data, training information.
 */

/** Extents that a tensor of a file may have, or one that is made of it. */
constexpr size_t kMostOnnxRank = 8;

/** Row-major numbers: real ones (F16, BF16, F32, F64 as F32) or whole ones (all widths, truth values). */
struct OnnxTensor {
  std::vector<int64_t> dims;
  bool whole = false;
  int32_t type = 0;  // ONNX's data type, where the file tells it
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
  std::string refers;  // in a function: the attribute of the call that it is
};

struct OnnxNode {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;  // an empty name: left out
  std::map<std::string, OnnxAttribute, std::less<>> attributes;
  int64_t opset = 0;  // version of the operators; 0: the model's
};

/** A function of the file: what stands in its place where a node calls it. */
struct OnnxFunction {
  std::string name, domain;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, OnnxAttribute, std::less<>> defaults;
  std::vector<OnnxNode> nodes;
};
/** The nodes with no function called any more; a function that calls itself is an error. */
std::vector<OnnxNode> inlined(std::vector<OnnxNode> nodes, const std::vector<OnnxFunction>& functions);

/** An input, as declared. */
struct OnnxInput {
  static constexpr int64_t kOpen = -1;
  std::string name;
  bool real = true, levels = false;  // levels: unsigned numbers of 8 bits
  std::vector<int64_t> dims;         // kOpen: any extent
};

struct OnnxModel {
  int64_t opset = 0;
  std::string producer;
  std::vector<OnnxNode> nodes;  // in the order in which they can be run
  std::map<std::string, OnnxTensor, std::less<>> constants;
  std::vector<OnnxInput> inputs;  // without those that are constants
  std::vector<std::string> outputs;
  std::map<std::string, std::vector<int64_t>, std::less<>> output_dims;  // as declared, where they are; kOpen: any extent
  std::set<int32_t> narrow;                                              // data types of weights that became F32
  std::map<std::string, std::string> metadata;                           // what the file says about itself: "class_names"
};

/** `whose` opens the messages; without `beside` numbers in other files are refused. */
OnnxModel parse_onnx(std::string_view bytes, std::string_view whose, const OnnxBeside& beside = {});
/** A tensor alone in a file, as conformance tests have them. */
OnnxTensor parse_onnx_tensor(std::string_view bytes, std::string_view whose);

}  // namespace convscope
