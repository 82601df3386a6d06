#include "convscope/models/architecture/items.h"

#include <map>
#include <set>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/drop_images.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/layer.h"

namespace convscope {

namespace {

/** "conv1.weight" is the "weight" of "conv1"; the name itself where it has no such end. */
std::string owner(const std::string& parameter, std::string_view role) {
  const std::string end = fmt::format(".{}", role);
  return parameter.ends_with(end) ? parameter.substr(0, parameter.size() - end.size()) : parameter;
}

class Survey {
 public:
  explicit Survey(const Graph& network) : network_(network) {}

  Items all() {
    Items found;
    found.input = network_.at(kPixels);
    for (int i = 0; i < static_cast<int>(network_.nodes().size()); ++i) {
      const Node& node = network_.node(i);
      if (node.inputs.empty()) continue;
      if (const auto* prepares = as<NormalizeOp>(*node.op); prepares && node.name == "normalize" && node.inputs[0] == found.input) {
        found.preparing = prepares->get();
        found.input = {i, 0};
        continue;
      }
      found.items.push_back(item(i));
    }
    return found;
  }

 private:
  struct Fields {
    std::string kind, name;
    Json options = json_object();
    Json frozen = json_list();
  };

  NamedItem item(int index) {
    const Node& node = network_.node(index);
    NamedItem made{node.name, json_object(), {}, {index, 0}};
    for (const Value v : node.inputs)
      if (!parameter(v)) made.inputs.push_back(v);
    require(!made.inputs.empty(), "'{}' is computed of parameters alone", node.name);
    const Fields f = fields_of(index, node);
    if (uses_.contains(f.name) && made.inputs.size() < node.inputs.size()) {
      made.fields["again"] = f.name;
      made.name = fmt::format("{}.{}", f.name, ++uses_[f.name]);
      return made;
    }
    uses_[f.name] = 1;
    made.name = f.name;
    made.fields["layer"] = f.kind;
    for (const FieldHelp& o : layers().at(f.kind).options) {
      const Json* value = f.options.contains(o.name) ? &f.options[o.name] : nullptr;
      if (value && *value != o.initial) made.fields[o.name] = *value;
    }
    if (!f.frozen.empty()) made.fields["frozen"] = f.frozen;
    return made;
  }

  const ParameterOptions* parameter(Value v) const {
    const auto* p = as<ParameterOp>(*network_.node(v).op);
    return p ? &p->get() : nullptr;
  }
  const ParameterOptions& weight_of(const Node& node, size_t place) const {
    const ParameterOptions* p = parameter(node.inputs.at(place));
    require(p != nullptr, "a weight of '{}' is computed", node.name);
    return *p;
  }
  const std::string& name_of(const Node& node, size_t place) const { return network_.node(node.inputs.at(place)).name; }

  /** An initialiser of a bias as a layer's option says it. */
  static std::string bias_option(const std::string& init, int64_t fan_in) {
    return init == bias_initialiser("pytorch", fan_in) ? "pytorch" : init;
  }
  void freeze(Fields& f, const Node& node, size_t place, const char* role) const {
    if (!weight_of(node, place).trained) f.frozen.push_back(role);
  }

  Fields fields_of(int index, const Node& node) const {
    if (const auto* op = as<Conv2dOp>(*node.op)) return conv2d(node, op->get());
    if (const auto* op = as<LinearOp>(*node.op)) return linear(node, op->get().bias, network_.output == Value{index, 0});
    if (const auto* op = as<BatchNormOp>(*node.op)) return batch_norm(node, op->get());
    if (const auto* op = as<PerturbOp>(*node.op)) return masks(node, op->get().level);
    if (const auto* op = as<PerturbMixOp>(*node.op)) return mixed_masks(node, op->get());
    if (as<PReluOp>(*node.op)) return prelu(node);
    std::string kind(node.op->kind());
    if (as<DropImagesOp>(*node.op)) kind = "stochastic-depth";
    require(layers().has(kind), "'{}' is {}, which is no layer (`convscope list layers`)", node.name, kind);
    return {kind, node.name, node.op->options()};
  }

  Fields conv2d(const Node& node, const Conv2dOptions& o) const {
    const ParameterOptions& w = weight_of(node, 1);
    const std::string& weight = name_of(node, 1);
    if (node.name == weight + ".scaled") return {"layer-scale", weight, {{"start", number_in(w.init)}}};
    require(w.shape.size() == 4 && w.shape[2] == w.shape[3], "the window of '{}' is no square", node.name);
    Fields f{"conv2d",
             owner(weight, "weight"),
             {{"filters", w.shape[0]},
              {"kernel", w.shape[2]},
              {"stride", o.stride},
              {"pad", o.pad},
              {"dilation", o.dilation},
              {"groups", o.groups},
              {"bias", o.bias},
              {"init", w.init}}};
    freeze(f, node, 1, "weight");
    if (o.bias) bias(f, node, w);
    return f;
  }

  Fields linear(const Node& node, bool has_bias, bool answers) const {
    const ParameterOptions& w = weight_of(node, 1);
    Fields f{"linear", owner(name_of(node, 1), "weight"), {{"features", w.shape[0]}, {"bias", has_bias}, {"init", w.init}}};
    if (answers) f.options["features"] = "=classes";
    freeze(f, node, 1, "weight");
    if (has_bias) bias(f, node, w);
    return f;
  }

  void bias(Fields& f, const Node& node, const ParameterOptions& weight) const {
    const Shape shape{std::span<const int64_t>(weight.shape)};
    f.options["bias_init"] = bias_option(weight_of(node, 2).init, fans(shape).in);
    freeze(f, node, 2, "bias");
  }

  Fields batch_norm(const Node& node, const BatchNormOptions& o) const {
    Fields f{"batch-norm",
             owner(name_of(node, BatchNormOp::kGamma), "weight"),
             {{"eps", o.eps}, {"momentum", o.momentum}, {"per_activation", o.per_activation}, {"unbiased", o.unbiased}}};
    f.options["scalar_scale"] = o.per_activation && weight_of(node, BatchNormOp::kGamma).shape.size() == 1;
    freeze(f, node, BatchNormOp::kGamma, "weight");
    freeze(f, node, BatchNormOp::kBeta, "bias");
    return f;
  }

  Fields prelu(const Node& node) const {
    const ParameterOptions& w = weight_of(node, 1);
    Fields f{"prelu", owner(name_of(node, 1), "weight"), {{"channels", w.shape[0] > 1}, {"start", number_in(w.init)}}};
    freeze(f, node, 1, "weight");
    return f;
  }

  Json masks_options(const Node& node, double level) const {
    const ParameterOptions& m = weight_of(node, 1);
    const int64_t channels = network_.shape(node.inputs[0])[1];
    return {
        {"nmasks", m.shape[1]}, {"unique_masks", m.shape[0] == channels}, {"train_masks", m.trained}, {"level", level}, {"init", m.init}};
  }

  Fields masks(const Node& node, double level) const { return {"masks", owner(name_of(node, 1), "masks"), masks_options(node, level)}; }

  Fields mixed_masks(const Node& node, const PerturbMixOptions& o) const {
    Fields f{"mixed-masks", owner(name_of(node, PerturbMixOp::kMasks), "masks"), masks_options(node, o.level)};
    f.options["filters"] = weight_of(node, PerturbMixOp::kWeight).shape[0];
    f.options["act"] = o.act;
    freeze(f, node, PerturbMixOp::kWeight, "conv.weight");
    freeze(f, node, PerturbMixOp::kBias, "conv.bias");
    return f;
  }

  /** Of "constant,value=0.25". */
  static Json number_in(const std::string& init) {
    const Choice choice = parse_choice(init);
    require(choice.name == "constant" && choice.options.contains("value"), "'{}' is no initialiser of one number", init);
    return choice.options["value"];
  }

  const Graph& network_;
  std::map<std::string, int> uses_;  // of layers with parameters
};

}  // namespace

Items items_of(const Graph& network) { return Survey(network).all(); }

}  // namespace convscope
