#include "convscope/models/onnx/import.h"

#include <algorithm>
#include <array>
#include <set>

#include "convscope/base/fields.h"
#include "convscope/base/file.h"
#include "convscope/base/join.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/passes.h"
#include "convscope/models/onnx/exporter_faults.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

constexpr int64_t kOldest = 6, kNewest = 27;
constexpr size_t kMostOutputs = 1'000'000;

std::array<std::span<const OnnxOperator>, 7> all_rows() {
  return {onnx_layers(), onnx_arithmetic(), onnx_shapes(), onnx_norms(), onnx_resampling(), onnx_reductions(), onnx_quantized()};
}

const OnnxOperator* operator_of(std::string_view op) {
  for (const auto rows : all_rows())
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

/** The softmax or sigmoid that ends the network, if one does: only what keeps classes apart stands behind it, and nothing else reads it. */
const OnnxNode* last_squashing(const OnnxModel& model, const Needed& of, const std::string& output) {
  std::map<std::string, int, std::less<>> reads;
  for (size_t i = 0; i < model.nodes.size(); ++i)
    if (of.nodes[i])
      for (const std::string& name : model.nodes[i].inputs) ++reads[name];
  std::string wanted = output;
  for (size_t i = model.nodes.size(); i-- > 0;) {
    const OnnxNode& node = model.nodes[i];
    if (node.outputs.empty() || node.outputs[0] != wanted || node.inputs.empty()) continue;
    if (node.op == "Softmax" || node.op == "LogSoftmax" || node.op == "Sigmoid") return &node;
    constexpr std::string_view kPassing[] = {"Identity", "Flatten", "Reshape", "Squeeze", "Cast"};
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
  return fold(node, node.opset > 0 ? node.opset : b.opset, in, b.budget);
}

void import_node(OnnxBuilding& b, const OnnxNode& node) {
  OnnxSite site(b, node);
  // A node may have been made with the one before it.
  if (!node.outputs.empty() && b.things.contains(node.outputs[0])) return;
  if (all_constant(b, node)) {
    if (auto constant = folded(b, node)) return site.give(std::move(*constant));
  }
  const OnnxOperator* row = operator_of(node.op);
  require(row != nullptr,
          "convscope does not know this operator. Another opset or exporter may write it by others (torch.onnx.export has `dynamo`, "
          "`opset_version`); known are {}",
          join(onnx_operators(), ", "));
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
      require(!node.op.starts_with("QLinear") && !node.op.starts_with("QGemm"),
              "of domain {}: it computes with 8-bit numbers, and convscope with real ones; export the network in float32",
              in_quotes(node.domain));
      require(node.domain.empty(), "of domain {}; the operators of ONNX itself are read (and functions that the file has)",
              in_quotes(node.domain));
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
  require(model.opset >= kOldest, "operators of version {}; those from {} on are read (onnx.version_converter)", model.opset, kOldest);
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

/**
 * Whether the pictures go through steps that keep their axes into a transpose to channels first, whoever else reads them. One channel
 * that is last may go through a reshape as well.
 */
bool channels_last(const OnnxModel& model, const OnnxInput& input) {
  std::set<std::string, std::less<>> pictures{input.name};
  for (const OnnxNode& node : model.nodes) {
    const bool reads =
        std::any_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& name) { return pictures.contains(name); });
    if (!reads || node.outputs.empty()) continue;
    if (node.op == "Transpose") {
      const auto it = node.attributes.find("perm");
      if (it != node.attributes.end() && it->second.counts == std::vector<int64_t>{0, 3, 1, 2}) return true;
    }
    if (node.op == "Reshape" && input.dims[3] == 1 && input.dims[1] != 1) return true;
    constexpr std::string_view kPassing[] = {"Identity", "Cast",  "Add",    "Sub",   "Mul",    "Div", "Pad", "Clip",
                                             "Resize",   "Slice", "Gather", "Split", "Concat", "Neg", "Relu"};
    if (std::find(std::begin(kPassing), std::end(kPassing), node.op) != std::end(kPassing))
      pictures.insert(node.outputs.begin(), node.outputs.end());
  }
  return false;
}

/** [C, H, W] of the pictures. */
Shape image_of(const OnnxInput& input, bool last, const OnnxImport& options) {
  require(input.real || input.levels, "input {} takes whole numbers; pictures are real ones, or of 8 bits", in_quotes(input.name));
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

std::string shown_dims(const OnnxModel& model, const std::string& output) {
  const auto it = model.output_dims.find(output);
  if (it == model.output_dims.end() || it->second.empty()) return "";
  std::vector<std::string> extents;
  for (const int64_t d : it->second) extents.push_back(d == OnnxInput::kOpen ? "?" : std::to_string(d));
  return fmt::format(" [{}]", join(extents, ", "));
}

/** The output that has the classes: the only one, or the one that was said. */
std::string output_of(const OnnxModel& model, const std::string& said) {
  require(!model.outputs.empty(), "the network has no output");
  std::vector<std::string> shown;
  for (const std::string& name : model.outputs) shown.push_back(in_quotes(name) + shown_dims(model, name));
  if (said.empty()) {
    require(model.outputs.size() == 1, "it has {} outputs, {}; say with `output` which one has the classes", model.outputs.size(),
            join(shown, ", "));
    return model.outputs[0];
  }
  const bool made = std::any_of(model.nodes.begin(), model.nodes.end(), [&](const OnnxNode& node) {
    return std::find(node.outputs.begin(), node.outputs.end(), said) != node.outputs.end();
  });
  require(made, "no output {}; it has {}", in_quotes(said), join(shown, ", "));
  return said;
}

/** What a branch or a loop reads is inside of it, so that nothing else can be said of a network with one. */
void refuse_control_flow(const OnnxModel& model, const Needed& of) {
  constexpr std::string_view kControl[] = {"If", "Loop", "Scan"};
  for (size_t i = 0; i < model.nodes.size(); ++i) {
    const OnnxNode& node = model.nodes[i];
    require(!of.nodes[i] || !node.domain.empty() || std::find(std::begin(kControl), std::end(kControl), node.op) == std::end(kControl),
            "node {}: networks are read that do the same for every picture, without branches and loops; an optimiser such as "
            "onnxsim takes out those that are decided beforehand",
            called(node));
  }
}

/** The one input that the output depends on. */
const OnnxInput& pictures_of(const OnnxModel& model, const Needed& of) {
  const OnnxInput* pictures = nullptr;
  for (const OnnxInput& input : model.inputs) {
    if (!of.names.contains(input.name)) continue;
    require(pictures == nullptr, "it takes {} and {}; networks of one input are read", in_quotes(pictures ? pictures->name : ""),
            in_quotes(input.name));
    pictures = &input;
  }
  require(pictures != nullptr, "its output does not depend on any input");
  require(pictures->dims.size() == 4, "input {} has {} axes; pictures [N, channels, rows, columns] were wanted", in_quotes(pictures->name),
          pictures->dims.size());
  return *pictures;
}

/** What stands before the file's first node, and what is to be said about it. */
Normalization preprocessing_of(const OnnxModel& model, const OnnxInput& pictures, const OnnxImport& options,
                               std::vector<std::string>& remarks) {
  if (options.preprocessing) return *options.preprocessing;
  if (const auto it = model.metadata.find(std::string(kOnnxNormalize)); it != model.metadata.end())
    return fields_from_json<Normalization>(parse_json(it->second, "its metadata"), "its metadata");
  if (!pictures.levels) return {};
  remarks.push_back(fmt::format("its input {} takes whole levels from 0 to 255: pixels are multiplied by 255, and not rounded",
                                in_quotes(pictures.name)));
  return {{0}, {1.0 / 255}};
}

/** One number a picture is the logit of the second of two classes: (0, z) gives 1 − p and p. */
Value two_classes(Graph& graph, Value logits) {
  return graph.add(graph.free_name("two-classes"), std::make_shared<ZeroPadChannelsOp>(ZeroPadChannelsOptions{.before = 1}), {logits});
}

/** What a person should know about how the file was read. */
void remark_on_the_file(const OnnxModel& model, std::vector<std::string>& remarks) {
  if (model.opset > kNewest)
    remarks.push_back(fmt::format("operators of version {}; they are read as those of {}, the newest that is known", model.opset, kNewest));
  if (std::any_of(model.nodes.begin(), model.nodes.end(), [](const OnnxNode& node) { return node.op == "DequantizeLinear"; }))
    remarks.push_back("its 8-bit numbers (QDQ) are read as the real ones that they stand for, and computed with in float32");
  if (model.narrow.empty()) return;
  std::vector<std::string_view> kinds;
  for (const int32_t type : model.narrow) kinds.push_back(type == 10 ? "float16" : type == 11 ? "float64" : "bfloat16");
  remarks.push_back(fmt::format("its weights of {} became float32", join(kinds, ", ")));
}

void remark_on_the_end(const OnnxNode* squashing, bool one, std::vector<std::string>& remarks) {
  const bool sigmoid = squashing && squashing->op == "Sigmoid";
  if (one)
    remarks.push_back(fmt::format("one output, {}: two classes, 0 and 1, with confidences 1 − p and p",
                                  sigmoid ? "a sigmoid" : "taken for the logit of p"));
  else if (sigmoid)
    remarks.push_back(
        fmt::format("it ends in a sigmoid ({}), so that each class has a probability of its own; convscope compares the "
                    "classes: its confidences are those of a softmax over the logits",
                    called(*squashing)));
  else if (squashing)
    remarks.push_back(fmt::format("it ends in a softmax ({}), which is left out: what it gives are logits", called(*squashing)));
}

/** Names that our own export wrote; no others, since nobody says what theirs mean. */
void take_class_names(const OnnxModel& model, std::vector<std::string>& classes) {
  const auto it = model.metadata.find(std::string(kOnnxClasses));
  if (it == model.metadata.end()) return;
  const Json names = parse_json(it->second, "its metadata");
  if (!names.is_array() || names.size() != classes.size()) return;
  for (size_t i = 0; i < classes.size(); ++i)
    if (names[i].is_string()) classes[i] = names[i].get<std::string>();
}

Checkpoint network_of(const OnnxModel& model, const OnnxImport& options) {
  const std::string output = output_of(model, options.output);
  const Needed of = needed(model, std::span(&output, 1));
  OnnxBuilding b = begin(model);
  std::vector<std::string> remarks = overwritten_biases(model);
  remark_on_the_file(model, remarks);
  refuse_control_flow(model, of);
  const OnnxInput& pictures = pictures_of(model, of);
  const bool last = channels_last(model, pictures);
  const Shape image = image_of(pictures, last, options);
  if (pictures.dims[0] != OnnxInput::kOpen) b.batch = pictures.dims[0];
  Builder builder(image);
  const Value x = Normalize(preprocessing_of(model, pictures, options, remarks)).build(builder, "normalize", builder.pixels());
  b.graph = std::move(builder).finish(x);
  b.things[pictures.name] = {nullptr, x, last ? OnnxThing::channels_last : OnnxThing::plain};

  const OnnxNode* squashing = last_squashing(model, of, output);
  import_nodes(model, of, squashing, b);
  const auto end = b.things.find(output);
  require(end != b.things.end() && !end->second.constant, "its output {} is not computed from the pictures", in_quotes(output));
  Checkpoint c;
  b.graph.output = as_logits(b.graph, end->second.value);
  require(b.graph.shape(b.graph.output).rank() == 2, "the network ends in {}", b.graph.shape(b.graph.output));
  const bool one = b.graph.shape(b.graph.output)[1] == 1;
  require(!one || !squashing || squashing->op == "Sigmoid", "it ends in a {} over one number, which is 1 whatever the picture",
          squashing ? squashing->op : "");
  if (one) b.graph.output = two_classes(b.graph, b.graph.output);
  remark_on_the_end(squashing, one, remarks);
  // What was read as one layer leaves its parts behind.
  c.graph = prune(b.graph, {b.graph.name(b.graph.output), std::string(kPixels)});
  c.tensors = std::move(b.tensors);
  std::erase_if(c.tensors, [&](const auto& named) { return !c.graph.find(named.first); });
  const int64_t classes = c.graph.shape(c.graph.output)[1];
  require(classes <= static_cast<int64_t>(kMostOutputs), "the network has {} outputs", classes);
  for (int64_t i = 0; i < classes; ++i) c.classes.push_back(std::to_string(i));
  take_class_names(model, c.classes);
  c.notes["onnx"] = {{"opset", model.opset}, {"producer", model.producer}};
  if (squashing) c.notes["onnx"]["left_out"] = fmt::format("{}: the network ends in logits", called(*squashing));
  if (!remarks.empty()) c.notes["onnx"]["remarks"] = remarks;
  return c;
}

}  // namespace

std::vector<std::string> onnx_operators() {
  std::vector<std::string> all;
  for (const auto rows : all_rows())
    for (const OnnxOperator& row : rows)
      if (row.reads) all.emplace_back(row.op);
  std::sort(all.begin(), all.end());
  return all;
}

bool is_onnx_file(const Path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return ending == ".onnx";
}

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
    it->second = ungrouped(b.graph, "groups", it->second);
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

Checkpoint parse_onnx_network(std::string_view bytes, const OnnxImport& options, std::string_view whose, const OnnxBeside& beside) {
  const OnnxModel model = parse_onnx(bytes, whose, beside);
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
  Checkpoint c = parse_onnx_network(read_file(path, uint64_t{1} << 31), options, path.string(), onnx_beside(path));
  c.model = path.filename().string();
  return c;
}

}  // namespace convscope
