#pragma once

#include <map>
#include <tuple>

#include "convscope/engine/program.h"
#include "convscope/subject/subject.h"

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
  NetworkSubject(Graph graph, std::shared_ptr<Weights> weights, Options options);
  NetworkSubject(Graph graph, std::shared_ptr<Weights> weights) : NetworkSubject(std::move(graph), std::move(weights), Options{}) {}
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
  std::map<std::string, std::unique_ptr<Program>> tapped_;
  std::map<Objective, std::unique_ptr<Program>> predictors_, explainers_;
  /** A program with what it was asked for. */
  struct PassProgram {
    std::unique_ptr<Program> program;
    Names notes;
    bool baseline = false;  // whether its rules compare anything: of a linear network they do not
  };
  struct FromNode {
    std::unique_ptr<Program> program;
    bool pixels = true;  // whether something passes the node by
  };
  using PassKey = std::tuple<Objective, Names, Names, std::string, int64_t>;  // what is asked, and of how many images at once
  std::map<PassKey, PassProgram> passes_;
  std::map<std::pair<std::string, Objective>, FromNode> from_nodes_;
  std::unique_ptr<Program> signalling_;
};

/** A program for the slopes of an objective, each image's its own whatever its batch; its logits are the objective's table. */
std::unique_ptr<Program> compile_slopes(const Graph& graph, std::shared_ptr<Weights> weights, const Objective& objective,
                                        const NetworkSubject::Options& options);

/** The network with the table [N, K] of an objective as its output. */
Graph with_objective(const Graph& graph, const Objective& objective);

}  // namespace convscope
