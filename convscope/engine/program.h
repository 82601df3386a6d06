#pragma once

/**
 * A Program is a network compiled once, for a batch size and a purpose, and run many times.
 * Goals: nothing is decided, allocated or built after `compile`; one weight store under all programs; the same bytes for the same seed,
 * threads and kind of processor. Not a goal: networks whose shape depends on their data.
 */

#include <functional>

#include "convscope/engine/weights.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/passes.h"

namespace convscope {

enum class Purpose {
  predict,  // the network held still: logits, and nodes asked for
  explain,  // likewise, and gradients for the pixels or any node
  train,    // statistics by the batch; gradients for all trained parameters
};

enum class Precision {
  fp32,
  bf16,  // activations and their gradients in bf16; weights, statistics, losses and weight gradients in fp32
};
Precision precision_of(std::string_view name);
std::string_view name_of(Precision precision);

/** The engine that users get: a row of the table `engines`. */
inline Choice usual_engine() { return {"onednn"}; }

/** How programs compute what they are asked for. A precision alone stands for the usual engine in it. */
struct Execution {
  Execution(Precision how = Precision::fp32, Choice by = usual_engine()) : precision(how), engine(std::move(by)) {}
  Precision precision;
  Choice engine;
};
/** As people write them: "bf16", "check,tolerance=0.001". An error where there is no such engine. */
Execution execution_of(std::string_view precision, std::string_view engine);

/** What a program is to compute. */
struct Request {
  Purpose purpose = Purpose::predict;
  Precision precision = Precision::fp32;
  Choice engine = usual_engine();
  int64_t batch = 1;
  /** An op (logits, labels) → [1]: "cross-entropy" or "pick" with its options; none for `predict`. */
  std::optional<Choice> objective;
  /** Labels are distributions over the classes, [N, Y], instead of numbers [N]; of cross-entropy. */
  bool label_distributions = false;
  /** `explain`: nodes whose gradients are wanted ("pixels", "layer2.0.conv1"). `train`: the trained parameters need not be named. */
  Names gradients;
  /** Nodes whose values are wanted. "conv1/stride-1" is what the strided node conv1 would give before samples are dropped. */
  Names taps;
  /** Other gradients for some kinds of op. Such ops are neither fused nor folded: a rule sees each of them as the network has it. */
  Rules rules;
  /** For rules on convolutions and linear layers: batch norm goes into them first, so that a rule sees one affine map. */
  bool folded = false;
  /** For rules that compare: the network once more, for pictures of the input "baseline" (graph/passes.h). */
  bool reference = false;
  /**
   * `train`: the batch is a part of one of so many images, and batch norm takes its statistics from all of that; 0: it is the whole. Who
   * has the parts takes their programs through the network in step, by `Program::advance`. Of the usual engine.
   */
  int64_t part_of = 0;
  /** `train`: a run moves the running statistics; of the parts of a batch one does. */
  bool moves_statistics = true;
};

/** The semantic part of compiling, the same for all engines: which graph, and under which names its results are found in it. */
struct Computation {
  Graph graph;
  std::string logits;
  std::string objective;                         // "" where there is none
  std::map<std::string, std::string> gradients;  // of what was asked, or of the parameter → node of `graph`; and what rules noted
  Names notes;                                   // which of them rules noted
};
/** `optimise`: with folding and fusing. */
Computation make_computation(const Graph& network, const Request& request, bool optimise);
/** Multiply-adds for an image of an update of all trained parameters: forward, and for the gradients that it takes. */
int64_t training_macs(const Graph& network);
/** The same for the slope of its pixels alone. */
int64_t slope_macs(const Graph& network);

/** Seconds of a step of a program, the best of several runs, at its place among the others. */
struct StepTime {
  std::string step;    // node and implementation
  double seconds = 0;  // of all threads together: what the whole batch waits for
};

struct MemoryUse {
  int64_t arena = 0;      // activations, their gradients, scratch
  int64_t prepared = 0;   // folded, reordered, bf16 copies of weights
  int64_t gradients = 0;  // of the trained parameters
  int64_t total() const { return arena + prepared + gradients; }
};

/** What a part of a batch has of a batch norm, in its program's memory, to be replaced by what the whole batch has. */
struct PartNumbers {
  enum class Kind {
    statistics,  // mean and variance of each channel
    slopes,      // what the gradients of gamma and beta are by this part; all of them, on the scale of the part's objective, were wanted
  };
  Kind kind;
  std::span<float> first, second;
};

class Program {
 public:
  virtual ~Program() = default;

  /**
   * To be filled before `run`: "pixels" [N, C, H, W] in [0, 1]; "labels" [N] where there is an objective, or [N, Y]. References to inputs
   * and results hold until a first training program is compiled for the same weights: it lays out the store anew, and this program follows.
   */
  virtual Tensor& input(std::string_view name) = 0;
  virtual void run(const RunContext& context) = 0;
  /**
   * `run` of a part of a batch, in pieces: goes on to where a batch norm wants what the other parts have, which the caller puts in place
   * before the next call; nothing: it is through.
   */
  virtual std::optional<PartNumbers> advance(const RunContext&) { fail("this engine takes no parts of a batch"); }
  /** Where `advance` stops, in order: "bn1", or "bn1/backward" of slopes. Parts of a batch that stop elsewhere have nothing in common. */
  virtual std::vector<std::string> meetings() const { return {}; }

  /** Valid until the next run. */
  virtual const Tensor& logits() const = 0;
  virtual float objective() const = 0;
  virtual const Tensor& tap(std::string_view node) const = 0;
  virtual const Tensor& gradient(std::string_view node) const = 0;
  /** `train`: gradients of the trained parameters, lying as `Weights::trained()` does. */
  virtual std::span<float> parameter_gradients() = 0;

  virtual MemoryUse memory() const = 0;
  /** By what each step of a run is done, in order: "winograd", "jit:avx512_core", "batch norm", "reference". */
  virtual std::vector<std::string> kernels() const = 0;
  virtual std::vector<StepTime> profile(const RunContext& context, int runs) = 0;
};

/** The family of engines. */
class Engine {
 public:
  virtual ~Engine() = default;
  /** `network` is as its builder made it; its output are the logits. */
  virtual std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request) const = 0;
};
const Table<Engine>& engines();

/** By the request's engine. */
std::unique_ptr<Program> compile(const Graph& network, std::shared_ptr<Weights> weights, const Request& request);

}  // namespace convscope
