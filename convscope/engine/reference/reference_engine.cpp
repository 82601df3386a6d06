#include "convscope/engine/reference/reference_engine.h"

#include "convscope/base/timer.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope {

namespace {

class ReferenceProgram : public Program {
 public:
  ReferenceProgram(const Graph& network, std::shared_ptr<Weights> weights, Request request)
      : weights_(std::move(weights)), request_(std::move(request)), task_(make_computation(network, request_, false)) {
    require(request_.precision == Precision::fp32, "the reference engine computes in fp32 only");
    require(request_.part_of == 0, "the reference engine takes whole batches only, no parts with the statistics of all");
    for (const Node& node : task_.graph.nodes()) {
      values_.emplace_back();
      for (const Shape& shape : node.shapes) values_.back().emplace_back(shape);
    }
  }

  Tensor& input(std::string_view name) override {
    const Value v = task_.graph.at(name);
    require(as<InputOp>(*task_.graph.node(v).op) != nullptr, "the program has no input '{}'", name);
    return at(v);
  }

  void run(const RunContext& context) override {
    for (size_t i = 0; i < values_.size(); ++i) run_node(i, context);
    gradients_.resize(static_cast<size_t>(weights_->trained_floats()));
    if (request_.purpose != Purpose::train) return;
    std::map<std::string, Tensor> gradients;
    for (const Weights::Entry& e : weights_->entries())
      if (e.trained) gradients.emplace(e.name, at(task_.graph.at(task_.gradients.at(e.name))));
    weights_->from_plain(gradients, gradients_);
    for (const auto& [name, value] : task_.graph.updates) weights_->set(name, at(value));
  }

  const Tensor& logits() const override { return value(task_.logits); }
  float objective() const override { return value(task_.objective)[0]; }
  const Tensor& tap(std::string_view node) const override {
    require(request_.taps.contains(node), "node '{}' was not asked for when the program was compiled", node);
    return value(node);
  }
  const Tensor& gradient(std::string_view node) const override {
    const auto it = task_.gradients.find(std::string(node));
    require(it != task_.gradients.end(), "the gradient of '{}' was not asked for when the program was compiled", node);
    return value(it->second);
  }
  std::span<float> parameter_gradients() override { return gradients_; }

  MemoryUse memory() const override {
    MemoryUse use;
    for (const auto& outputs : values_)
      for (const Tensor& t : outputs) use.arena += t.size() * static_cast<int64_t>(sizeof(float));
    return use;
  }

  std::vector<std::string> kernels() const override {
    std::vector<std::string> all;
    for (const Node& node : task_.graph.nodes())
      if (!node.inputs.empty()) all.push_back("reference");
    return all;
  }
  std::vector<StepTime> profile(const RunContext& context, int runs) override {
    std::vector<StepTime> times;
    for (const Node& node : task_.graph.nodes()) times.push_back({node.name, 1e30});
    for (int r = 0; r < runs; ++r) {
      for (size_t i = 0; i < values_.size(); ++i) {
        Timer timer;
        run_node(i, context);
        times[i].seconds = std::min(times[i].seconds, timer.seconds());
      }
    }
    return times;
  }

 private:
  Tensor& at(Value v) { return values_[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)]; }
  const Tensor& value(std::string_view name) const {
    const Value v = task_.graph.at(name);
    return values_[static_cast<size_t>(v.node)][static_cast<size_t>(v.output)];
  }

  void run_node(size_t i, const RunContext& context) {
    const Node& node = task_.graph.nodes()[i];
    if (as<InputOp>(*node.op)) return;
    if (as<ParameterOp>(*node.op)) {
      values_[i][0] = weights_->get(node.name);
      return;
    }
    std::vector<const Tensor*> in;
    std::vector<Tensor*> out;
    for (const Value v : node.inputs) in.push_back(&at(v));
    for (Tensor& t : values_[i]) {
      fill(t, 0);
      out.push_back(&t);
    }
    node.op->run(in, out, context);
  }

  std::shared_ptr<Weights> weights_;
  Request request_;
  Computation task_;
  std::vector<std::vector<Tensor>> values_;
  std::vector<float> gradients_;
};

}  // namespace

std::unique_ptr<Program> ReferenceEngine::compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const {
  return std::make_unique<ReferenceProgram>(network, std::move(weights), request);
}

}  // namespace convscope
