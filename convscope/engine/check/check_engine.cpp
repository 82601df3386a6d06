#include "convscope/engine/check/check_engine.h"

#include <cmath>

#include "convscope/graph/ops/leaf.h"

namespace convscope {

namespace {

class CheckProgram : public Program {
 public:
  CheckProgram(const Graph& network, std::shared_ptr<Weights> weights, const Request& request, const CheckEngine::Options& options)
      : options_(options), request_(request), weights_(std::move(weights)) {
    fast_ = engines().make(parse_choice(options.engine))->compile(network, weights_, request);
    Request exact = request;
    exact.precision = Precision::fp32;
    true_weights_ = std::make_shared<Weights>(network, weights_->tensors());
    true_ = engines().make("reference")->compile(network, true_weights_, exact);
    compared_ = request.gradients;
    if (request.purpose == Purpose::train) {
      inputs_ = {std::string(kPixels), std::string(kLabels)};
      return;
    }
    const Computation task = make_computation(network, exact, false);
    for (const Node& node : task.graph.nodes())
      if (as<InputOp>(*node.op)) inputs_.push_back(node.name);
    compared_.insert(task.notes.begin(), task.notes.end());
  }

  Tensor& input(std::string_view name) override { return fast_->input(name); }

  void run(const RunContext& context) override {
    const auto before = weights_->tensors();
    for (const auto& [name, tensor] : before) true_weights_->set(name, tensor);
    for (const std::string& name : inputs_) true_->input(name) = fast_->input(name);
    fast_->run(context);
    true_->run(context);

    compare("logits", fast_->logits(), true_->logits());
    if (request_.objective) compare("objective", Tensor(Shape{1}, {fast_->objective()}), Tensor(Shape{1}, {true_->objective()}));
    for (const std::string& tap : request_.taps) compare(tap, fast_->tap(tap), true_->tap(tap));
    for (const std::string& name : compared_) compare("gradient of " + name, fast_->gradient(name), true_->gradient(name));
    if (request_.purpose != Purpose::train) return;
    const auto fast = weights_->to_plain(fast_->parameter_gradients()), exact = true_weights_->to_plain(true_->parameter_gradients());
    for (const auto& [name, tensor] : exact) compare("gradient of " + name, fast.at(name), tensor);
    for (const Weights::Entry& e : weights_->entries())
      if (!e.trained) compare(e.name, weights_->get(e.name), true_weights_->get(e.name));
  }

  const Tensor& logits() const override { return fast_->logits(); }
  float objective() const override { return fast_->objective(); }
  const Tensor& tap(std::string_view node) const override { return fast_->tap(node); }
  const Tensor& gradient(std::string_view node) const override { return fast_->gradient(node); }
  std::span<float> parameter_gradients() override { return fast_->parameter_gradients(); }
  MemoryUse memory() const override { return fast_->memory(); }
  std::vector<std::string> kernels() const override { return fast_->kernels(); }
  std::vector<StepTime> profile(const RunContext& context, int runs) override { return fast_->profile(context, runs); }

 private:
  void compare(const std::string& what, const Tensor& fast, const Tensor& exact) const {
    const float error = relative_error(fast, exact);
    require(error <= static_cast<float>(options_.tolerance), "{}: '{}' is off by {:.2e} of its largest number; at most {:.2e} is allowed",
            options_.engine, what, error, options_.tolerance);
  }

  CheckEngine::Options options_;
  Request request_;
  std::shared_ptr<Weights> weights_, true_weights_;
  std::unique_ptr<Program> fast_, true_;
  std::vector<std::string> inputs_;
  Names compared_;
};

}  // namespace

std::unique_ptr<Program> CheckEngine::compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const {
  return std::make_unique<CheckProgram>(network, std::move(weights), request, options_);
}

}  // namespace convscope
