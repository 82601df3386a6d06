#pragma once

#include <optional>
#include <span>

#include "convscope/graph/graph.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/models/onnx/onnx_file.h"

namespace convscope {

/** The file that is being made. */
struct OnnxWriting {
  const Graph& graph;
  const std::map<std::string, Tensor>& tensors;
  OnnxModel model;
  std::map<Value, std::string> names;  // of values that exist in the file
  std::map<int, int> folded;           // layer → the batch norm behind it that goes into its weights
  std::map<std::string, int> times;    // how often a name was wanted
};

/** Attributes of a node, as they are written. */
OnnxAttribute onnx_attribute(int64_t value);
OnnxAttribute onnx_attribute(double value);
OnnxAttribute onnx_attribute(std::string value);
OnnxAttribute onnx_attribute(std::vector<int64_t> values);
using OnnxAttributes = std::map<std::string, OnnxAttribute, std::less<>>;

/** One of our nodes, and the nodes of the file that stand for it. */
class OnnxExportSite {
 public:
  OnnxExportSite(OnnxWriting& file, int index) : file_(file), index_(index) {}

  const Node& node() const { return file_.graph.node(index_); }
  int64_t opset() const { return file_.model.opset; }
  size_t inputs() const { return node().inputs.size(); }
  const Shape& shape(size_t i) const { return file_.graph.shape(node().inputs[i]); }
  /** Name in the file of an input; a parameter becomes a constant of the file. */
  std::string in(size_t i) { return named(node().inputs[i]); }
  /** A parameter's numbers. */
  const Tensor& tensor(size_t i) const;
  /** The batch norm that goes into this layer's weights, if one does. */
  std::optional<OnnxExportSite> folded() const;
  /** Whether this is such a batch norm. */
  bool is_in_the_layer_before() const;

  /** A constant of the file, `name/suffix`. */
  std::string constant(std::string_view suffix, const std::vector<int64_t>& dims, std::vector<float> numbers);
  std::string number(std::string_view suffix, double value) { return constant(suffix, {}, {static_cast<float>(value)}); }
  std::string integers(std::string_view suffix, std::vector<int64_t> values);

  /** A node `name/suffix` of one output, which is returned. */
  std::string add(std::string_view suffix, std::string op, std::vector<std::string> inputs, OnnxAttributes attributes = {});
  /** Our node's first output is that value of the file. */
  void give(const std::string& name) { file_.names[{index_, 0}] = name; }

 private:
  std::string named(Value v);
  std::string free(std::string_view suffix);

  OnnxWriting& file_;
  int index_;
};

/** A row of the table: how ops of that kind are written. */
struct OnnxExporter {
  std::string_view kind;
  void (*write)(OnnxExportSite&);
};
std::span<const OnnxExporter> onnx_exporters();
/** An activation behind a value of the file. */
std::string write_activation(OnnxExportSite& site, std::string_view suffix, const Activation& f, const std::string& x);

}  // namespace convscope
