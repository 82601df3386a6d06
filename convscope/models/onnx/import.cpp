#include "convscope/models/onnx/import.h"

#include <algorithm>
#include <set>

#include "convscope/base/file.h"
#include "convscope/base/join.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

constexpr int64_t kOldest = 6, kNewest = 21;
constexpr size_t kMostOutputs = 1'000'000;

const OnnxOperator* operator_of(std::string_view op) {
  for (const auto rows : {onnx_layers(), onnx_arithmetic(), onnx_shapes()})
    for (const OnnxOperator& row : rows)
      if (row.op == op) return &row;
  return nullptr;
}

std::string in_quotes(const std::string& name) { return shown(Json(name)); }

std::string called(const OnnxNode& node) {
  const std::string& name = node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
  return fmt::format("{} {}", in_quotes(node.op), in_quotes(name));
}

/** Which nodes the outputs need, and what stands at each output once a softmax at the end is gone. */
struct Needed {
  std::vector<bool> nodes;
  std::set<std::string, std::less<>> names;
};
Needed needed(const OnnxModel& model, std::span<const std::string> outputs) {
  Needed all{std::vector<bool>(model.nodes.size(), false), {outputs.begin(), outputs.end()}};
  for (size_t i = model.nodes.size(); i-- > 0;) {
    const OnnxNode& node = model.nodes[i];
    if (!std::any_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& o) { return !o.empty() && all.names.contains(o); }))
      continue;
    all.nodes[i] = true;
    all.names.insert(node.inputs.begin(), node.inputs.end());
  }
  return all;
}

/** The softmax that ends the network, if one does: only what keeps classes apart stands behind it, and nothing else reads it. */
const OnnxNode* last_softmax(const OnnxModel& model, const Needed& of) {
  std::map<std::string, int, std::less<>> reads;
  for (size_t i = 0; i < model.nodes.size(); ++i)
    if (of.nodes[i])
      for (const std::string& name : model.nodes[i].inputs) ++reads[name];
  std::string wanted = model.outputs[0];
  for (size_t i = model.nodes.size(); i-- > 0;) {
    const OnnxNode& node = model.nodes[i];
    if (node.outputs.empty() || node.outputs[0] != wanted || node.inputs.empty()) continue;
    if (node.op == "Softmax" || node.op == "LogSoftmax") return &node;
    constexpr std::string_view kPassing[] = {"Identity", "Flatten", "Reshape", "Squeeze"};
    if (std::find(std::begin(kPassing), std::end(kPassing), node.op) == std::end(kPassing) || reads[node.inputs[0]] != 1) return nullptr;
    wanted = node.inputs[0];
  }
  return nullptr;
}

bool all_constant(const OnnxBuilding& b, const OnnxNode& node) {
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& name) {
    const auto it = b.things.find(name);
    return name.empty() || (it != b.things.end() && it->second.constant);
  });
}

std::optional<OnnxTensor> folded(OnnxBuilding& b, const OnnxNode& node) {
  std::vector<const OnnxTensor*> in;
  for (const std::string& name : node.inputs) in.push_back(name.empty() ? nullptr : b.things.find(name)->second.constant.get());
  return fold(node, b.opset, in, b.budget);
}

void import_node(OnnxBuilding& b, const OnnxNode& node) {
  OnnxSite site(b, node);
  // A node may have been made with the one before it.
  if (!node.outputs.empty() && b.things.contains(node.outputs[0])) return;
  if (all_constant(b, node)) {
    if (auto constant = folded(b, node)) return site.give(std::move(*constant));
  }
  const OnnxOperator* row = operator_of(node.op);
  require(row != nullptr, "convscope does not know this operator; it reads {}", join(onnx_operators(), ", "));
  row->import(site);
}

void import_nodes(const OnnxModel& model, const Needed& of, const OnnxNode* left_out, OnnxBuilding& b) {
  std::map<std::string, int, std::less<>> reads;
  for (size_t i = 0; i < model.nodes.size(); ++i) {
    if (!of.nodes[i]) continue;
    for (const std::string& name : model.nodes[i].inputs) {
      b.only_reader[name] = &model.nodes[i];
      ++reads[name];
    }
  }
  for (const auto& [name, count] : reads)
    if (count > 1) b.only_reader.erase(name);
  for (const std::string& name : model.outputs) b.only_reader.erase(name);

  for (size_t i = 0; i < model.nodes.size(); ++i) {
    if (!of.nodes[i]) continue;
    const OnnxNode& node = model.nodes[i];
    try {
      require(node.domain.empty(), "of domain {}; the operators of ONNX itself are read", in_quotes(node.domain));
      if (&node == left_out) {
        OnnxSite site(b, node);
        site.give(site.computed(0));
        continue;
      }
      import_node(b, node);
    } catch (const Error& e) {
      fail("node {}: {}", called(node), e.what());
    }
  }
}

OnnxBuilding begin(const OnnxModel& model) {
  require(model.opset >= kOldest && model.opset <= kNewest, "operators of version {}; {} to {} are read (onnx.version_converter)",
          model.opset, kOldest, kNewest);
  OnnxBuilding b;
  b.opset = model.opset;
  b.budget = 1 << 20;
  for (const auto& [name, tensor] : model.constants) {
    b.budget += 4 * tensor.size();
    b.things[name] = {std::shared_ptr<const OnnxTensor>(&tensor, [](const OnnxTensor*) {}), {}, OnnxThing::plain};
  }
  for (const OnnxNode& node : model.nodes)
    for (const auto& [name, attribute] : node.attributes)
      b.budget += 4 * (attribute.value.size() + static_cast<int64_t>(attribute.numbers.size() + attribute.counts.size()));
  return b;
}

/** Whether the pictures go through elementwise steps into a transpose to channels first. */
bool channels_last(const OnnxModel& model, const std::string& input) {
  std::string at = input;
  for (const OnnxNode& node : model.nodes) {
    if (std::find(node.inputs.begin(), node.inputs.end(), at) == node.inputs.end() || node.outputs.empty()) continue;
    if (node.op == "Transpose") {
      const auto it = node.attributes.find("perm");
      return it != node.attributes.end() && it->second.counts == std::vector<int64_t>{0, 3, 1, 2};
    }
    constexpr std::string_view kPassing[] = {"Identity", "Cast", "Add", "Sub", "Mul", "Div"};
    if (std::find(std::begin(kPassing), std::end(kPassing), node.op) == std::end(kPassing)) return false;
    at = node.outputs[0];
  }
  return false;
}

/** [C, H, W] of the pictures. */
Shape image_of(const OnnxInput& input, bool last, const OnnxImport& options) {
  require(input.real, "input {} takes whole numbers; pictures are real ones", in_quotes(input.name));
  require(input.dims.size() == 4, "input {} has {} axes; pictures [N, channels, rows, columns] were wanted", in_quotes(input.name),
          input.dims.size());
  if (options.image) return *options.image;
  const auto& d = input.dims;
  const std::vector<int64_t> image = last ? std::vector<int64_t>{d[3], d[1], d[2]} : std::vector<int64_t>{d[1], d[2], d[3]};
  for (const int64_t extent : image) {
    require(extent != OnnxInput::kOpen, "the file leaves the size of its pictures open ({}): say it with `image`, C,H,W",
            in_quotes(input.name));
    require(extent <= 1 << 16, "pictures [{}]", join(image, ", "));
  }
  return Shape(image);
}

Value add_input(Graph& graph, std::string_view name, std::vector<int64_t> shape) {
  return graph.add(graph.free_name(name), std::make_shared<InputOp>(InputOptions{std::move(shape)}), {});
}

/** [N, classes]. */
Value as_logits(Graph& graph, Value y) {
  const Shape s = graph.shape(y);
  if (s.rank() == 4 && s[2] * s[3] > 1) fail("the network ends in {}, not in a number for each class", s);
  return s.rank() == 2 ? y : graph.add(graph.free_name("logits"), std::make_shared<FlattenOp>(NoOptions{}), {y});
}

Checkpoint network_of(const OnnxModel& model, const OnnxImport& options) {
  require(!model.outputs.empty(), "the network has no output");
  const std::span<const std::string> outputs(model.outputs.data(), 1);
  const Needed of = needed(model, outputs);
  OnnxBuilding b = begin(model);
  const OnnxInput* pictures = nullptr;
  for (const OnnxInput& input : model.inputs) {
    if (!of.names.contains(input.name)) continue;
    require(pictures == nullptr, "it takes {} and {}; networks of one input are read", in_quotes(pictures ? pictures->name : ""),
            in_quotes(input.name));
    pictures = &input;
  }
  require(pictures != nullptr, "its output does not depend on any input");
  const bool last = channels_last(model, pictures->name);
  const Shape image = image_of(*pictures, last, options);
  if (pictures->dims[0] != OnnxInput::kOpen) b.batch = pictures->dims[0];
  Builder builder(image);
  const Value x = Normalize(options.preprocessing).build(builder, "normalize", builder.pixels());
  b.graph = std::move(builder).finish(x);
  b.things[pictures->name] = {nullptr, x, last ? OnnxThing::channels_last : OnnxThing::plain};

  const OnnxNode* softmax = last_softmax(model, of);
  import_nodes(model, of, softmax, b);
  const auto end = b.things.find(model.outputs[0]);
  require(end != b.things.end() && !end->second.constant, "its output {} is not computed from the pictures", in_quotes(model.outputs[0]));
  Checkpoint c;
  b.graph.output = as_logits(b.graph, end->second.value);
  require(b.graph.shape(b.graph.output).rank() == 2, "the network ends in {}", b.graph.shape(b.graph.output));
  c.graph = std::move(b.graph);
  c.tensors = std::move(b.tensors);
  const int64_t classes = c.graph.shape(c.graph.output)[1];
  require(classes <= static_cast<int64_t>(kMostOutputs), "the network has {} outputs", classes);
  for (int64_t i = 0; i < classes; ++i) c.classes.push_back(std::to_string(i));
  c.notes["onnx"] = {{"opset", model.opset}, {"producer", model.producer}};
  if (softmax) c.notes["onnx"]["left_out"] = fmt::format("{}: the network ends in logits", called(*softmax));
  return c;
}

}  // namespace

std::vector<std::string> onnx_operators() {
  std::vector<std::string> all;
  for (const auto rows : {onnx_layers(), onnx_arithmetic(), onnx_shapes()})
    for (const OnnxOperator& row : rows) all.emplace_back(row.op);
  std::sort(all.begin(), all.end());
  return all;
}

bool is_onnx_file(const Path& path) { return path.extension() == ".onnx"; }

OnnxGraph import_onnx_graph(const OnnxModel& model) {
  const Needed of = needed(model, model.outputs);
  OnnxBuilding b = begin(model);
  bool first = true;
  for (const OnnxInput& input : model.inputs) {
    require(input.real, "input {} takes whole numbers", in_quotes(input.name));
    require(!input.dims.empty(), "input {} is one number", in_quotes(input.name));
    std::vector<int64_t> shape = input.dims;
    for (const int64_t d : shape) require(d != OnnxInput::kOpen, "input {} of open extents", in_quotes(input.name));
    require(first || shape[0] == b.batch, "inputs of {} and {} images", b.batch, shape[0]);
    b.batch = shape[0];
    first = false;
    shape[0] = 1;
    b.things[input.name] = {nullptr, add_input(b.graph, onnx_name(input.name), shape), OnnxThing::plain};
  }
  import_nodes(model, of, nullptr, b);
  OnnxGraph out;
  for (const std::string& name : model.outputs) {
    const auto it = b.things.find(name);
    require(it != b.things.end(), "output {} is not made", in_quotes(name));
    require(!it->second.constant && it->second.order == OnnxThing::plain, "output {} is constant, or has its channels last",
            in_quotes(name));
    out.outputs.push_back(it->second.value);
  }
  out.graph = std::move(b.graph);
  out.graph.output = out.outputs.at(0);
  out.tensors = std::move(b.tensors);
  out.notes = std::move(b.notes);
  return out;
}

Checkpoint parse_onnx_network(std::string_view bytes, const OnnxImport& options, std::string_view whose) {
  const OnnxModel model = parse_onnx(bytes, whose);
  Checkpoint c = [&] {
    try {
      return network_of(model, options);
    } catch (const Error& e) {
      fail("{}: {}", whose, e.what());
    }
  }();
  check_finite(c.tensors, whose);
  return c;
}

Checkpoint load_onnx_network(const Path& path, const OnnxImport& options) {
  Checkpoint c = parse_onnx_network(read_file(path, uint64_t{1} << 31), options, path.string());
  c.model = path.filename().string();
  return c;
}

}  // namespace convscope
