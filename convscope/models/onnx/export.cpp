#include "convscope/models/onnx/export.h"

#include <algorithm>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/passes.h"
#include "convscope/models/onnx/export_site.h"
#include "convscope/models/onnx/import.h"

namespace convscope {

namespace {

constexpr int64_t kVersions[] = {13, 17, 18};

OnnxTensor constant_of(const Tensor& t) {
  OnnxTensor c;
  c.dims.assign(t.shape().extents().begin(), t.shape().extents().end());
  c.reals.assign(t.span().begin(), t.span().end());
  return c;
}

/** Layer → the batch norm that alone reads it and can go into its weights. */
std::map<int, int> foldable(const Graph& graph) {
  std::map<int, int> all;
  const auto readers = graph.readers();
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const auto* norm = as<BatchNormOp>(*graph.node(i).op);
    if (!norm || norm->get().per_activation) continue;
    const int layer = graph.node(i).inputs[0].node;
    const auto* conv = as<Conv2dOp>(*graph.node(layer).op);
    const auto* linear = as<LinearOp>(*graph.node(layer).op);
    const bool bare = (conv && !conv->get().residual && !conv->get().activation) || (linear && !linear->get().activation);
    if (bare && readers[static_cast<size_t>(layer)].size() == 1 && graph.output.node != layer) all[layer] = i;
  }
  return all;
}

/** The first node, where it prepares the pixels and the file's metadata are to say so instead. */
std::optional<int> preparing(const Graph& graph, const OnnxExport& o) {
  if (o.normalization == "inside") return std::nullopt;
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i)
    if (as<NormalizeOp>(*graph.node(i).op) && graph.node(i).inputs[0] == graph.at(kPixels)) return i;
  return std::nullopt;
}

void write_node(OnnxWriting& file, int index, const Value& output, const std::string& said) {
  const Node& node = file.graph.node(index);
  const auto rows = onnx_exporters();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OnnxExporter& e) { return e.kind == node.op->kind(); });
  require(row != rows.end(), "node '{}': {} has no counterpart in ONNX here", node.name, node.op->kind());
  OnnxExportSite site(file, index);
  row->write(site);
  if (output == Value{index, 0}) {
    // The answer is called `logits` whoever made it.
    file.model.nodes.push_back({said, "Identity", "", {file.names.at(output)}, {said}, {}});
    file.model.outputs = {said};
  }
}

}  // namespace

OnnxAttribute onnx_attribute(int64_t value) {
  OnnxAttribute a;
  a.kind = OnnxAttribute::integer;
  a.count = value;
  return a;
}
OnnxAttribute onnx_attribute(double value) {
  OnnxAttribute a;
  a.kind = OnnxAttribute::real;
  a.number = static_cast<float>(value);
  return a;
}
OnnxAttribute onnx_attribute(std::string value) {
  OnnxAttribute a;
  a.kind = OnnxAttribute::text;
  a.words = std::move(value);
  return a;
}
OnnxAttribute onnx_attribute(std::vector<int64_t> values) {
  OnnxAttribute a;
  a.kind = OnnxAttribute::integers;
  a.counts = std::move(values);
  return a;
}

const Tensor& OnnxExportSite::tensor(size_t i) const {
  const Node& from = file_.graph.node(node().inputs[i]);
  const auto it = file_.tensors.find(from.name);
  require(as<ParameterOp>(*from.op) && it != file_.tensors.end(), "node '{}': its input '{}' is computed; a parameter was wanted",
          node().name, from.name);
  return it->second;
}

std::optional<OnnxExportSite> OnnxExportSite::folded() const {
  const auto it = file_.folded.find(index_);
  if (it == file_.folded.end()) return std::nullopt;
  return OnnxExportSite(file_, it->second);
}

bool OnnxExportSite::is_in_the_layer_before() const {
  const auto it = file_.folded.find(node().inputs[0].node);
  return it != file_.folded.end() && it->second == index_;
}

std::string OnnxExportSite::named(Value v) {
  if (const auto it = file_.names.find(v); it != file_.names.end()) return it->second;
  const Node& from = file_.graph.node(v);
  if (const auto* constant = as<ConstantOp>(*from.op)) {
    Tensor t{Shape(constant->get().shape)};
    fill(t, constant->get().value);
    file_.model.constants[from.name] = constant_of(t);
  } else {
    require(as<ParameterOp>(*from.op), "node '{}' reads '{}', which is not written yet", node().name, from.name);
    const auto it = file_.tensors.find(from.name);
    require(it != file_.tensors.end(), "parameter '{}' has no numbers", from.name);
    file_.model.constants[from.name] = constant_of(it->second);
  }
  return file_.names[v] = from.name;
}

std::string OnnxExportSite::free(std::string_view suffix) {
  const std::string name = suffix.empty() ? node().name : fmt::format("{}/{}", node().name, suffix);
  const int times = ++file_.times[name];
  return times == 1 ? name : fmt::format("{}.{}", name, times);
}

std::string OnnxExportSite::constant(std::string_view suffix, const std::vector<int64_t>& dims, std::vector<float> numbers) {
  const std::string name = free(suffix);
  OnnxTensor& c = file_.model.constants[name];
  c.dims = dims;
  c.reals = std::move(numbers);
  return name;
}

std::string OnnxExportSite::integers(std::string_view suffix, std::vector<int64_t> values) {
  const std::string name = free(suffix);
  OnnxTensor& c = file_.model.constants[name];
  c.whole = true;
  c.dims = {static_cast<int64_t>(values.size())};
  c.integers = std::move(values);
  return name;
}

std::string OnnxExportSite::add(std::string_view suffix, std::string op, std::vector<std::string> inputs, OnnxAttributes attributes) {
  const std::string name = free(suffix);
  file_.model.nodes.push_back({name, std::move(op), "", std::move(inputs), {name}, std::move(attributes)});
  return name;
}

std::string wrong_with(const OnnxExport& o) {
  if (std::find(std::begin(kVersions), std::end(kVersions), o.opset) == std::end(kVersions))
    return fmt::format("`opset` {}; 13, 17 or 18 was wanted", o.opset);
  if (o.normalization != "inside" && o.normalization != "metadata")
    return fmt::format("`normalization` '{}'; inside or metadata was wanted", o.normalization);
  return "";
}

OnnxModel onnx_of(const Checkpoint& network, const OnnxExport& o) {
  const std::string wrong = wrong_with(o);
  require(wrong.empty(), "{}", wrong);
  const Graph& whole = network.graph;
  const Graph graph = prune(whole, {whole.name(whole.output), std::string(kPixels)});
  OnnxWriting file{graph, network.tensors, {}, {}, {}, {}};
  file.model.opset = o.opset;
  file.model.producer = "convscope";
  if (o.fold) file.folded = foldable(graph);
  for (const Node& node : graph.nodes()) ++file.times[node.name];  // a constant must not take a later node's name
  const Value pixels = graph.at(kPixels);
  const Shape& x = graph.shape(pixels);
  file.model.inputs.push_back({std::string(kPixels), true, false, {OnnxInput::kOpen, x[1], x[2], x[3]}});
  file.names[pixels] = kPixels;
  const std::optional<int> left_out = preparing(graph, o);
  const std::string said = graph.find("logits") ? "convscope.logits" : "logits";
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    const Node& node = graph.node(i);
    if (as<InputOp>(*node.op) || as<ParameterOp>(*node.op) || as<ConstantOp>(*node.op)) continue;
    --file.times[node.name];  // now it is this node's own
    if (left_out == i) {
      file.names[{i, 0}] = kPixels;
      continue;
    }
    write_node(file, i, graph.output, said);
  }
  require(!file.model.outputs.empty(), "the network's output is one of its inputs");
  file.model.output_dims[said] = {OnnxInput::kOpen, graph.shape(graph.output)[1]};
  file.model.metadata[std::string(kOnnxClasses)] = Json(network.classes).dump();
  if (!network.model.empty()) file.model.metadata[std::string(kOnnxOrigin)] = network.model;
  if (left_out) file.model.metadata[std::string(kOnnxNormalize)] = fields_to_json(as<NormalizeOp>(*graph.node(*left_out).op)->get()).dump();
  return std::move(file.model);
}

}  // namespace convscope
