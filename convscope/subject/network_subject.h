#pragma once

#include "convscope/subject/compiled_programs.h"

namespace convscope {

/** A graph over a store of weights. Programs are compiled when they are first needed, and follow the store as it changes. */
class NetworkSubject : public Subject {
 public:
  struct Options {
    int64_t batch = 128;
    Precision precision = Precision::fp32;
    Rules rules = {};                // other gradients for some kinds of op
    Choice engine = usual_engine();  // what computes
  };
  NetworkSubject(Graph graph, std::shared_ptr<Weights> weights, Options options)
      : NetworkSubject(std::move(graph), std::move(weights), std::move(options), std::make_shared<CompiledPrograms>()) {}
  /** With programs that a subject before has left: of the same graph, weights, precision, engine, rules and threads. */
  NetworkSubject(Graph graph, std::shared_ptr<Weights> weights, Options options, std::shared_ptr<CompiledPrograms> programs);
  NetworkSubject(Graph graph, std::shared_ptr<Weights> weights) : NetworkSubject(std::move(graph), std::move(weights), Options{}) {}
  NetworkSubject(const NetworkSubject&) = delete;  // copies would share programs, whose inputs are one's alone
  NetworkSubject& operator=(const NetworkSubject&) = delete;
  ~NetworkSubject() override;

  Shape image() const override;
  int64_t classes() const override { return graph_.shape(graph_.output)[1]; }
  int64_t batch() const override { return options_.batch; }
  Passes passes() const override { return done_; }
  Tensor table(const Tensor& x, const Objective& objective) override;
  Tensor activation(const Tensor& x, const std::string& node) override;
  void stream(const std::string& node, int64_t count, const Fill& fill, const Take& take) override;
  std::vector<Signal> signals() const override;
  void stream_signals(int64_t count, const Fill& fill, const TakeSignals& take) override;
  Shape shape(const std::string& node) const override;
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override;

  Passed pass(const Tensor& x, const Pass& pass, std::span<const int64_t> targets, const Tensor& baseline = {}) override;
  Tensor table_from(const std::string& node, const Tensor& values, const Tensor& x, const Objective& objective) override;
  const Graph* network() const override { return &graph_; }
  /**
   * From now on passes of some of `images` images go through the program that all of them would: what an image comes to is then the same
   * bits, whoever has the others. 0: as many are asked about as come.
   */
  void share_passes_of(int64_t images) { images_ = images; }
  /** Whether some are compiled already, by an earlier question perhaps. */
  bool has_programs() const;

  const Graph& graph() const { return graph_; }
  std::shared_ptr<Weights> weights() const { return weights_; }
  const Options& options() const { return options_; }

 private:
  Program& predictor(const Objective& objective);
  Program& tapped(const std::string& node);
  Program& explainer(const Objective& objective);
  Program& signalling();
  /** What goes into a program's input, a row for each image. */
  struct Feed {
    std::string_view input;
    const Tensor& rows;
  };
  template <typename PerBatch>
  void in_batches(Program& program, int64_t batch, std::span<const Feed> feeds, std::span<const int64_t> targets, PerBatch&& take);
  template <typename PerBatch>
  void in_batches(Program& program, const Tensor& x, std::span<const int64_t> targets, PerBatch&& take);

  Graph graph_;
  std::shared_ptr<Weights> weights_;
  Options options_;
  Passes done_;
  int64_t images_ = 0;
  std::shared_ptr<CompiledPrograms> programs_;
};

/** A program for the slopes of an objective, each image's its own whatever its batch; its logits are the objective's table. */
std::unique_ptr<Program> compile_slopes(const Graph& graph, std::shared_ptr<Weights> weights, const Objective& objective,
                                        const NetworkSubject::Options& options);

/** The network with the table [N, K] of an objective as its output. */
Graph with_objective(const Graph& graph, const Objective& objective);

}  // namespace convscope
