// Times 3×3 and 1×1 convolutions by oneDNN's direct algorithm and by kernels of ours (Winograd's, or AMX where there is one), and prints a
// table of CSV: what the rules in engine/onednn/own_convolution.cpp were read off. Nothing else should run meanwhile. What the
// rules leave to oneDNN is done by it on both sides (a ratio of about 1): to try a rule anew, open it first, as for the last of these
// (which is kept without its rows of weights, that no part does).
//
//   cmake --build --preset release --target bench_convolutions
//   build/release/bin/bench_convolutions > bench/convolutions.csv            # a processor without AMX
//   build/release/bin/bench_convolutions bf16 > bench/convolutions-amx.csv   # one with it, of one precision
//   build/release/bin/bench_convolutions fp32 parts > bench/convolutions-amx-fp32.csv

#include <fmt/format.h>

#include "convscope/base/machine.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/engine/program.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/leaf.h"

namespace convscope {
namespace {

struct Case {
  int64_t batch, channels, map, stride = 1, kernel = 3;
  int64_t pad() const { return kernel / 2; }
  int64_t out_map() const { return (map - 1) / stride + 1; }
};

/** x → y, and both gradients of it for a dy of its own, as nodes of one graph. */
Graph convolution(const Case& s) {
  Graph graph;
  const auto input = [&](const std::string& name, int64_t map) {
    return graph.add(name, std::make_shared<InputOp>(InputOptions{{s.batch, s.channels, map, map}}), {});
  };
  const Value x = input(std::string(kPixels), s.map), dy = input("dy", s.out_map());
  const Value w =
      graph.add("w", std::make_shared<ParameterOp>(ParameterOptions{{s.channels, s.channels, s.kernel, s.kernel}, "zeros", true}), {});
  graph.output = graph.add("forward", std::make_shared<Conv2dOp>(Conv2dOptions{.stride = s.stride, .pad = s.pad()}), {x, w});
  graph.add("data",
            std::make_shared<Conv2dBackwardDataOp>(
                Conv2dBackwardDataOptions{.stride = s.stride, .pad = s.pad(), .rows = s.map, .columns = s.map}),
            {dy, w});
  graph.add("weights",
            std::make_shared<Conv2dBackwardWeightsOp>(
                Conv2dBackwardWeightsOptions{.stride = s.stride, .pad = s.pad(), .kernel_rows = s.kernel, .kernel_columns = s.kernel}),
            {x, dy});
  return graph;
}

Tensor numbers(const Shape& shape, const char* stream) {
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) t[i] = RandomStream(1, stream).normal(static_cast<uint64_t>(i));
  return t;
}

/** Milliseconds of the steps of each direction, reorders around them left out. */
std::map<std::string, double> milliseconds(const Case& s, Precision precision, bool ours) {
  const Graph graph = convolution(s);
  const auto weights =
      std::make_shared<Weights>(graph, std::map<std::string, Tensor>{{"w", numbers({s.channels, s.channels, s.kernel, s.kernel}, "w")}});
  Request request{
      .purpose = Purpose::predict, .precision = precision, .engine = {"onednn", {{"slice", -1}, {"winograd", ours}, {"amx", ours}}}};
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

void print_rows(const Case& s, Precision precision, int team) {
  set_threads(team);
  const auto direct = milliseconds(s, precision, false), ours = milliseconds(s, precision, true);
  const double gflop = 2e-9 * static_cast<double>(s.kernel * s.kernel * s.batch * s.channels * s.channels * s.out_map() * s.out_map());
  for (const auto& [direction, ms] : direct)
    fmt::print("{},{},{},{},{},{},{},{},{:.4f},{:.4f},{:.0f},{:.0f},{:.2f}\n", name_of(precision), direction, team, s.kernel, s.batch,
               s.channels, s.map, s.stride, ms, ours.at(direction), gflop / ms * 1000, gflop / ours.at(direction) * 1000,
               ms / ours.at(direction));
  std::fflush(stdout);
}

}  // namespace
}  // namespace convscope

int main(int argc, char** argv) {
  using namespace convscope;
  const std::string_view only = argc > 1 ? argv[1] : "";
  const bool parts = argc > 2 && argv[2] == std::string_view("parts");
  if (argc > (parts ? 3 : 2) || (parts && only != "fp32") || (!only.empty() && only != "fp32" && only != "bf16")) {
    fmt::print(stderr, "bench_convolutions [bf16|fp32 [parts]]\n");
    return 2;
  }
  fmt::print("# {}\nprecision,direction,threads,kernel,batch,channels,map,stride,direct_ms,ours_ms,direct_gflops,ours_gflops,ratio\n",
             machine().processor);
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    if ((precision == Precision::bf16 && !machine().bf16) || (!only.empty() && only != name_of(precision))) continue;
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
        for (const int64_t batch : {1, 4, 16, 32, 128}) {
          if (batch * map * map > 128 * 32 * 32) continue;
          if (!parts) print_rows({batch, channels, map}, precision, team);
          if (map >= 8 && (batch >= 16 || parts)) print_rows({batch, channels, map, 2}, precision, team);
          if (parts) print_rows({batch, channels, map, 1, 1}, precision, team);
        }
  }
}
