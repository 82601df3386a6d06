#include "convscope/engine/onednn/onednn_engine.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>

#include "convscope/base/machine.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/engine/kernels/amx.h"
#include "convscope/engine/onednn/lowering.h"
#include "convscope/engine/onednn/own_convolution.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope {

namespace {

using onednn::Lowering;
using plan::Frame;
using plan::Memory;
using plan::Place;
using plan::Plan;

/** oneDNN decides at creation how many threads a primitive uses. */
class TeamOf {
 public:
  explicit TeamOf(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  ~TeamOf() { omp_set_num_threads(before_); }
  TeamOf(const TeamOf&) = delete;
  TeamOf& operator=(const TeamOf&) = delete;

 private:
  int before_;
};

/** Steps are named `node · kernel`. */
constexpr std::string_view kStepSeparator = " · ";

/** Numbers in the largest activation of one image. */
int64_t largest_activation(const Graph& graph) {
  int64_t largest = 0;
  for (const Node& node : graph.nodes()) {
    if (node.inputs.empty()) continue;
    for (const Shape& s : node.shapes) {
      largest = std::max(largest, s.rank() == 4 ? s.inner() : 0);
    }
  }
  return largest;
}

class OneDnnProgram : public Program {
 public:
  OneDnnProgram(Graph network, std::shared_ptr<Weights> weights, Request request, const OneDnnEngine::Options& options)
      : network_(std::move(network)),
        weights_(std::move(weights)),
        request_(std::move(request)),
        options_(options),
        engine_(dnnl::engine::kind::cpu, 0) {
    require(request_.precision == Precision::fp32 || machine().bf16, "this processor ({}) does not compute in bf16; use fp32",
            machine().processor);
    try {
      build();
    } catch (const dnnl::error& e) {
      fail("oneDNN cannot make this program: {}", e.what());
    }
  }

  Tensor& input(std::string_view name) override {
    const auto it = inputs_.find(name);
    require(it != inputs_.end(), "the program has no input '{}'", name);
    return it->second;
  }

  void run(const RunContext& context) override {
    refresh();
    const TeamOf team(team_);  // what primitives and scratch were made for, whoever calls
    if (slices_ == 1) {
      for (const auto& [name, action] : frames_[0].body) action(context);
    } else {
      run_slices(context);
    }
    if (request_.purpose == Purpose::train) weights_->changed();  // statistics were written
  }

  std::optional<PartNumbers> advance(const RunContext& context) override {
    if (step_ == 0) refresh();
    const TeamOf team(team_);
    const Running& running = frames_[0];
    const bool meets = meeting_ < running.meetings.size();
    const size_t end = meets ? running.meetings[meeting_].steps : running.body.size();
    for (; step_ < end; ++step_) running.body[step_].second(context);
    if (meets) {
      const Plan::BoundMeeting& m = running.meetings[meeting_++];
      return PartNumbers{m.slopes ? PartNumbers::Kind::slopes : PartNumbers::Kind::statistics, m.first, m.second};
    }
    step_ = meeting_ = 0;
    weights_->changed();
    return std::nullopt;
  }

  std::vector<std::string> meetings() const override {
    std::vector<std::string> names;
    for (const Plan::BoundMeeting& meeting : frames_[0].meetings) names.push_back(meeting.name);
    return names;
  }

  const Tensor& logits() const override { return outputs_.at(logits_); }
  float objective() const override {
    require(!objective_.empty(), "the program has no objective");
    return objective_value();
  }
  const Tensor& tap(std::string_view node) const override {
    require(request_.taps.contains(node), "node '{}' was not asked for when the program was compiled", node);
    return outputs_.find(node)->second;
  }
  const Tensor& gradient(std::string_view node) const override {
    const auto it = gradients_.find(node);
    require(it != gradients_.end(), "the gradient of '{}' was not asked for when the program was compiled", node);
    return outputs_.at(it->second);
  }
  std::span<float> parameter_gradients() override {
    return {reinterpret_cast<float*>(gradient_memory_.data()), static_cast<size_t>(weights_->trained_floats())};
  }

  MemoryUse memory() const override {
    MemoryUse use;
    for (const auto& frame : frames_) use.arena += static_cast<int64_t>(frame.arena.bytes() + frame.persistent.bytes());
    use.prepared = static_cast<int64_t>(prepared_.bytes());
    use.gradients = static_cast<int64_t>(gradient_memory_.bytes());
    return use;
  }

  std::vector<std::string> kernels() const override {
    std::vector<std::string> all;
    for (const auto& [name, action] : frames_[0].body) {
      const size_t kernel = name.rfind(kStepSeparator);
      all.push_back(name.substr(kernel + kStepSeparator.size()));
    }
    return all;
  }

  std::vector<StepTime> profile(const RunContext& context, int runs) override {
    std::vector<StepTime> times;
    const auto measure = [&](const std::vector<std::pair<std::string, plan::Action>>& steps, size_t first, double scale) {
      for (size_t i = 0; i < steps.size(); ++i) {
        Timer timer;
        steps[i].second(context);
        const double seconds = timer.seconds() * scale;
        if (times.size() <= first + i) times.push_back({steps[i].first, seconds});
        times[first + i].seconds = std::min(times[first + i].seconds, seconds);
      }
    };
    refresh();
    // A slice's step occupies one thread; the threads share the slices.
    const double share = slices_ == 1 ? 1.0 : static_cast<double>(slices_) / static_cast<double>(frames_.size());
    for (int run = 0; run < runs; ++run) {
      const bool refreshed = request_.purpose == Purpose::train;  // weights change with every step
      if (refreshed) measure(frames_[0].prepare, 0, 1.0);
      const TeamOf team(slices_ == 1 ? team_ : 1);
      measure(frames_[0].body, refreshed ? frames_[0].prepare.size() : 0, share);
    }
    return times;
  }

 private:
  struct Running {
    Memory arena, persistent;
    std::vector<std::pair<std::string, plan::Action>> prepare, body;
    std::vector<Plan::BoundMeeting> meetings;
    std::map<std::string, Tensor, std::less<>> inputs, outputs;  // over `persistent`, of one slice
  };

  /** Images that go through together. Statistics over the batch forbid slices, and so does a mean over it. */
  int64_t choose_slice(const Computation& task) const {
    const int64_t batch = request_.batch;
    const bool mean = request_.objective && request_.objective->name == "cross-entropy" &&
                      request_.objective->options.value("reduction", "mean") == std::string("mean");
    const auto is_parameter = [&](const std::string& name) { return as<ParameterOp>(*network_.node(network_.at(name)).op) != nullptr; };
    for (const Names* names : {&request_.taps, &request_.gradients})
      for (const std::string& name : *names)
        if (network_.find(name) && is_parameter(name)) return batch;  // has no images to be shared out
    if (request_.purpose == Purpose::train || mean || options_.slice < 0 || threads() == 1) return batch;
    if (options_.slice > 0) return even(std::min(batch, options_.slice));
    // What a step reads and writes is to stay in the core's own cache.
    const int64_t bytes = largest_activation(task.graph) * (request_.precision == Precision::bf16 ? 2 : 4) * 3;
    const int64_t fits = std::max<int64_t>(1, machine().l2_bytes / std::max<int64_t>(1, bytes));
    const int64_t team = threads();
    const int64_t most = (batch + team - 1) / team;  // every thread gets one
    // Weights pass by once a slice, and transformed ones are four times as large; a tile of AMX takes 16 images.
    const bool amx = options_.amx && kernels::amx_runs() && request_.precision == Precision::bf16;
    const int64_t least = amx || onednn::winograd_is_used(options_, request_.precision) ? 16 : 4;
    const int64_t slice = std::clamp<int64_t>(fits, std::min(least, most), most);
    if (!amx || slice <= least) return even(slice);
    // Whole tiles, unless the busiest thread then has more to do.
    const int64_t rounded = slice / least * least;
    const auto most_images = [&](int64_t s) { return ((batch + s - 1) / s + team - 1) / team * s; };
    return even(rounded) == rounded && most_images(rounded) <= most_images(even(slice)) ? rounded : even(slice);
  }

  /** The largest slice of at most that size that divides the batch, where gradients are wanted: no stray image joins their objective. */
  int64_t even(int64_t slice) const {
    if (request_.purpose == Purpose::predict) return slice;
    while (request_.batch % slice != 0) --slice;
    return slice;
  }

  void build() {
    const Computation whole = make_computation(network_, request_, true);
    const int64_t slice = choose_slice(whole);
    slices_ = (request_.batch + slice - 1) / slice;
    slice_ = slice;
    Request part = request_;
    part.batch = slice;
    const Computation task = slice == request_.batch ? whole : make_computation(network_, part, true);
    logits_ = task.logits;
    objective_ = task.objective;
    gradients_ = {task.gradients.begin(), task.gradients.end()};

    team_ = threads();
    const int team = slices_ == 1 ? 1 : static_cast<int>(std::min<int64_t>(threads(), slices_));
    Lowering::Result lowered = [&] {
      const TeamOf threads_of_primitives(slices_ == 1 ? threads() : 1);
      return Lowering(task, *weights_, part, options_, engine_).finish();
    }();
    const Plan& plan = lowered.plan;
    prepared_ = Memory(plan.bytes(Place::prepared));
    gradient_memory_ = Memory(request_.purpose == Purpose::train ? static_cast<size_t>(weights_->trained_floats()) * sizeof(float) : 0);
    frames_.clear();
    frames_.resize(static_cast<size_t>(team));
    for (Running& running : frames_) {
      running.arena = Memory(plan.bytes(Place::arena));
      running.persistent = Memory(plan.bytes(Place::persistent));
      Frame frame;
      frame.base[static_cast<size_t>(Place::arena)] = running.arena.data();
      frame.base[static_cast<size_t>(Place::prepared)] = prepared_.data();
      frame.base[static_cast<size_t>(Place::persistent)] = running.persistent.data();
      frame.base[static_cast<size_t>(Place::weights)] = reinterpret_cast<std::byte*>(weights_->data());
      frame.base[static_cast<size_t>(Place::gradients)] = gradient_memory_.data();
      auto bound = plan.bind(frame);
      running.prepare = std::move(bound.prepare);
      running.body = std::move(bound.body);
      running.meetings = std::move(bound.meetings);
      if (request_.part_of > 0) require_all_meet(task.graph, running.meetings.size());
      const auto over = [&](int buffer, const std::string& name) {
        return Tensor::over(task.graph.shape(task.graph.at(name)),
                            reinterpret_cast<float*>(running.persistent.data() + plan[buffer].offset));
      };
      for (const auto& [name, buffer] : lowered.inputs) running.inputs.emplace(name, over(buffer, name));
      for (const auto& [name, buffer] : lowered.outputs) running.outputs.emplace(name, over(buffer, name));
    }

    // What callers see. What they filled in before the store was arranged anew is kept.
    std::map<std::string, Tensor, std::less<>> inputs, outputs;
    for (auto& [name, tensor] : frames_[0].inputs) {
      const Shape shape = tensor.shape().with_batch(request_.batch);
      inputs.emplace(name, slices_ == 1 ? Tensor::over(shape, tensor.data()) : Tensor(shape));
      if (const auto old = inputs_copy_.find(name); old != inputs_copy_.end())
        std::copy_n(old->second.data(), old->second.size(), inputs.at(name).data());
    }
    for (auto& [name, tensor] : frames_[0].outputs) {
      if (slices_ == 1) {
        outputs.emplace(name, Tensor::over(tensor.shape(), tensor.data()));
      } else {
        outputs.emplace(name, name == objective_ ? Tensor(Shape{slices_}) : Tensor(tensor.shape().with_batch(request_.batch)));
      }
    }
    inputs_ = std::move(inputs);
    outputs_ = std::move(outputs);
    arrangement_ = weights_->arrangement();
    version_ = 0;
  }

  /** No batch norm of a part keeps to the part alone. */
  static void require_all_meet(const Graph& graph, size_t meetings) {
    size_t norms = 0;
    for (const Node& node : graph.nodes()) norms += as<BatchNormOp>(*node.op) || as<BatchNormBackwardOp>(*node.op) ? 1 : 0;
    require(meetings == norms,
            "`sync_bn`: batch norm with statistics by activation, or with one gamma for all channels, is not synchronised; without it each "
            "part of a batch has its own");
  }

  /** Copies made from the weights follow them. */
  void refresh() {
    if (arrangement_ != weights_->arrangement()) {
      for (const auto& [name, tensor] : inputs_) inputs_copy_.insert_or_assign(name, Tensor(tensor));
      build();
      inputs_copy_.clear();
    }
    if (version_ == weights_->version()) return;
    const RunContext none;
    for (const auto& [name, action] : frames_[0].prepare) action(none);
    version_ = weights_->version();
  }

  void run_slices(const RunContext& context) {
    std::exception_ptr error;
    const int team = static_cast<int>(frames_.size());
#pragma omp parallel num_threads(team)
    {
      Running& running = frames_[static_cast<size_t>(omp_get_thread_num())];
#pragma omp for schedule(dynamic, 1)
      for (int64_t s = 0; s < slices_; ++s) {
        try {
          run_slice(running, s, context);
        } catch (...) {
#pragma omp critical
          if (!error) error = std::current_exception();
        }
      }
    }
    if (error) std::rethrow_exception(error);
  }

  void run_slice(Running& running, int64_t s, RunContext context) {
    const int64_t first = s * slice_, count = std::min(slice_, request_.batch - first);
    for (auto& [name, tensor] : running.inputs) {
      const Tensor& whole = inputs_.find(name)->second;
      const int64_t inner = whole.shape().inner();
      std::copy_n(whole.data() + first * inner, count * inner, tensor.data());
    }
    if (!context.samples.empty()) context.samples = context.samples.subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    for (const auto& [name, action] : running.body) action(context);
    for (auto& [name, tensor] : running.outputs) {
      Tensor& whole = outputs_.find(name)->second;
      if (name == objective_) {
        whole[s] = tensor[0];
      } else {
        const int64_t inner = whole.shape().inner();
        std::copy_n(tensor.data(), count * inner, whole.data() + first * inner);
      }
    }
  }

  float objective_value() const {
    double sum = 0;
    for (const float v : outputs_.at(objective_).span()) sum += v;
    return static_cast<float>(sum);
  }

  Graph network_;
  std::shared_ptr<Weights> weights_;
  Request request_;
  OneDnnEngine::Options options_;
  dnnl::engine engine_;

  int team_ = 1;  // threads when it was compiled
  int64_t slices_ = 1, slice_ = 1;
  std::string logits_, objective_;
  std::map<std::string, std::string, std::less<>> gradients_;
  Memory prepared_, gradient_memory_;
  std::vector<Running> frames_;
  std::map<std::string, Tensor, std::less<>> inputs_, outputs_, inputs_copy_;
  uint64_t version_ = 0, arrangement_ = 0;
  size_t step_ = 0, meeting_ = 0;  // where a part of a batch goes on
};

}  // namespace

std::unique_ptr<Program> OneDnnEngine::compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const {
  return std::make_unique<OneDnnProgram>(network, std::move(weights), request, options_);
}

}  // namespace convscope
