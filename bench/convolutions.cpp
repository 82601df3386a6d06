// Times 3×3 convolutions of stride 1 by oneDNN's direct algorithm and by Winograd's, and prints a table of CSV: what the rule in
// engine/onednn/winograd.cpp was read off. Nothing else should run meanwhile.
//
//   cmake --build --preset release --target bench_convolutions && build/release/bin/bench_convolutions > bench/convolutions.csv

#include <fmt/format.h>

#include "convscope/base/machine.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/engine/program.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope {
namespace {

struct Shape3x3 {
  int64_t batch, channels, map;
};

/** x → y, and both gradients of it for a dy of its own, as nodes of one graph. */
Graph convolution(const Shape3x3& s) {
  Graph graph;
  const auto input = [&](const std::string& name) {
    return graph.add(name, std::make_shared<InputOp>(InputOptions{{s.batch, s.channels, s.map, s.map}}), {});
  };
  const Value x = input(std::string(kPixels)), dy = input("dy");
  const Value w = graph.add("w", std::make_shared<ParameterOp>(ParameterOptions{{s.channels, s.channels, 3, 3}, "zeros", true}), {});
  graph.output = graph.add("forward", std::make_shared<Conv2dOp>(Conv2dOptions{.pad = 1}), {x, w});
  graph.add("data", std::make_shared<Conv2dBackwardDataOp>(Conv2dBackwardDataOptions{.pad = 1, .rows = s.map, .columns = s.map}), {dy, w});
  graph.add("weights",
            std::make_shared<Conv2dBackwardWeightsOp>(Conv2dBackwardWeightsOptions{.pad = 1, .kernel_rows = 3, .kernel_columns = 3}),
            {x, dy});
  return graph;
}

Tensor numbers(const Shape& shape, const char* stream) {
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = RandomStream(1, stream).normal(static_cast<uint64_t>(i));
  return t;
}

/** Milliseconds of the steps of each direction, reorders around them left out. */
std::map<std::string, double> milliseconds(const Shape3x3& s, Precision precision, bool winograd) {
  const Graph graph = convolution(s);
  const auto weights = std::make_shared<Weights>(graph, std::map<std::string, Tensor>{{"w", numbers({s.channels, s.channels, 3, 3}, "w")}});
  Request request{.purpose = Purpose::predict, .precision = precision, .engine = {"onednn", {{"slice", -1}, {"winograd", winograd}}}};
  request.batch = s.batch;
  request.taps = {"forward", "data", "weights"};
  const auto program = compile(graph, weights, request);
  for (const char* name : {"pixels", "dy"}) {
    Tensor& x = program->input(name);
    x = numbers(x.shape(), name);
  }
  program->run({});
  std::map<std::string, double> best;
  for (const StepTime& step : program->profile({}, 7))
    for (const char* direction : {"forward", "data", "weights"})
      if (step.step.starts_with(fmt::format("{} · ", direction)) && step.step.find("reorder") == std::string::npos)
        best[direction] += 1000 * step.seconds;
  return best;
}

void print_rows(const Shape3x3& s, Precision precision, int team) {
  set_threads(team);
  const auto direct = milliseconds(s, precision, false), winograd = milliseconds(s, precision, true);
  const double gflop = 2.0 * 9 * static_cast<double>(s.batch * s.channels * s.channels * s.map * s.map) * 1e-9;
  for (const auto& [direction, ms] : direct)
    fmt::print("{},{},{},{},{},{},{:.4f},{:.4f},{:.0f},{:.0f},{:.2f}\n", name_of(precision), direction, team, s.batch, s.channels, s.map,
               ms, winograd.at(direction), gflop / ms * 1000, gflop / winograd.at(direction) * 1000, ms / winograd.at(direction));
  std::fflush(stdout);
}

}  // namespace
}  // namespace convscope

int main() {
  using namespace convscope;
  fmt::print("# {}\nprecision,direction,threads,batch,channels,map,direct_ms,winograd_ms,direct_gflops,winograd_gflops,ratio\n",
             machine().processor);
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    if (precision == Precision::bf16 && !machine().bf16) continue;
    for (const int team : {1, 2})
      for (const auto& [channels, map] : {std::pair{16, 32},
                                          {32, 16},
                                          {32, 3},
                                          {64, 8},
                                          {64, 32},
                                          {64, 56},
                                          {128, 16},
                                          {128, 28},
                                          {256, 8},
                                          {256, 14},
                                          {256, 3},
                                          {512, 4},
                                          {512, 7}})
        for (const int64_t batch : {1, 4, 16, 128}) {
          if (batch * map * map > 128 * 32 * 32) continue;
          print_rows({batch, channels, map}, precision, team);
        }
  }
}
