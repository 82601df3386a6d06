#include "convscope/base/json.h"
#include "convscope/models/onnx/onnx_file.h"

namespace convscope {

namespace {

/** Functions call functions: more nodes than any network has come of a few bytes. */
constexpr size_t kMostNodes = 200'000;
constexpr int kDeepest = 16;
constexpr size_t kMostCopied = size_t{1} << 24;  // numbers and names that calls copy, all together
constexpr size_t kLongestCall = 64;              // letters of a call's name before the names of what it stands for

class Inliner {
 public:
  explicit Inliner(const std::vector<OnnxFunction>& functions) {
    for (const OnnxFunction& f : functions) functions_[{f.domain, f.name}] = &f;
  }

  void add(OnnxNode node, int depth) {
    const auto called = functions_.find({node.domain, node.op});
    if (called != functions_.end()) return call(node, *called->second, depth);
    require(nodes_.size() < kMostNodes, "more than {} nodes once its functions stand in their places", kMostNodes);
    nodes_.push_back(std::move(node));
  }

  std::vector<OnnxNode> all() { return std::move(nodes_); }

 private:
  void call(const OnnxNode& node, const OnnxFunction& f, int depth) {
    require(depth < kDeepest, "function {} is called more than {} deep", shown(Json(f.name)), kDeepest);
    require(++calls_ < static_cast<int64_t>(kMostNodes), "its functions are called more than {} times", kMostNodes);
    require(node.inputs.size() <= f.inputs.size() && node.outputs.size() <= f.outputs.size(),
            "function {} takes {} inputs and gives {} outputs, called with {} and {}", shown(Json(f.name)), f.inputs.size(),
            f.outputs.size(), node.inputs.size(), node.outputs.size());
    std::map<std::string, std::string> names{{"", ""}};
    for (size_t i = 0; i < f.inputs.size(); ++i) names[f.inputs[i]] = i < node.inputs.size() ? node.inputs[i] : "";
    for (size_t i = 0; i < node.outputs.size(); ++i)
      if (!node.outputs[i].empty()) names[f.outputs[i]] = node.outputs[i];
    const std::string call = node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
    const std::string before = fmt::format("{}/{}/", call.substr(0, kLongestCall), calls_);
    const auto renamed = [&](const std::string& name) {
      const auto known = names.find(name);
      return known != names.end() ? known->second : names[name] = before + name;
    };
    for (const OnnxNode& inner : f.nodes) {
      OnnxNode made{before + (inner.name.empty() ? inner.op : inner.name), inner.op, inner.domain, {}, {}, {}, inner.opset};
      for (const std::string& input : inner.inputs) made.inputs.push_back(renamed(input));
      for (const std::string& output : inner.outputs) made.outputs.push_back(renamed(output));
      take(inner.inputs.size() + inner.outputs.size());
      for (const auto& [name, attribute] : inner.attributes)
        if (const OnnxAttribute* is = meant(attribute, node, f)) {
          take(1 + static_cast<size_t>(is->value.size()) + is->counts.size() + is->numbers.size());
          made.attributes[name] = *is;
        }
      add(std::move(made), depth + 1);
    }
  }

  /** Before so much is copied: a small file may call a function with a large constant very often. */
  void take(size_t count) {
    copied_ += count;
    require(copied_ <= kMostCopied, "its functions copy more than {} numbers and names", kMostCopied);
  }

  /** What an attribute is in this call; null where nobody says it. */
  static const OnnxAttribute* meant(const OnnxAttribute& attribute, const OnnxNode& call, const OnnxFunction& f) {
    if (attribute.refers.empty()) return &attribute;
    if (const auto it = call.attributes.find(attribute.refers); it != call.attributes.end()) return &it->second;
    const auto it = f.defaults.find(attribute.refers);
    return it != f.defaults.end() ? &it->second : nullptr;
  }

  std::map<std::pair<std::string, std::string>, const OnnxFunction*> functions_;
  std::vector<OnnxNode> nodes_;
  int64_t calls_ = 0;
  size_t copied_ = 0;
};

}  // namespace

std::vector<OnnxNode> inlined(std::vector<OnnxNode> nodes, const std::vector<OnnxFunction>& functions) {
  if (functions.empty()) return nodes;
  Inliner inliner(functions);
  for (OnnxNode& node : nodes) inliner.add(std::move(node), 0);
  return inliner.all();
}

}  // namespace convscope
