#include "convscope/models/airbench.h"

#include "convscope/graph/ops/reshape.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/op_layer.h"
#include "convscope/nn/pool.h"

namespace convscope {

void Airbench::Options::check(std::string_view whose) const {
  constexpr int64_t kWidest = 4096;
  for (const auto& [name, filters] : {std::pair{"width", width}, {"wide", wide}})
    require(filters >= 1 && filters <= kWidest, "{}: option '{}' must lie between 1 and {}, got {}", whose, name, kWidest, filters);
  require(alpha > 0 && std::isfinite(alpha), "{}: option 'alpha' is {}; a number above 0 was wanted", whose, alpha);
}

Value Airbench::logits(Builder& graph, Value x, int64_t classes) const {
  constexpr int64_t kPatch = 2;
  constexpr double kNewStatistics = 0.4;  // a batch's share in batch norm's running statistics
  const auto act = [&](std::string_view name) { x = OpLayer<CeluOp>({.alpha = options_.alpha}).build(graph, name, x); };
  const auto pool = [&](std::string_view name, int64_t kernel) { x = MaxPool({.kernel = kernel, .stride = kernel}).build(graph, name, x); };
  const auto convolution = [&](std::string_view name, int64_t filters) {
    x = Conv2d({.filters = filters, .kernel = 3, .pad = 1, .bias = false, .init = "dirac"}).build(graph, name, x);
  };
  const auto norm = [&](std::string_view name) {
    graph.parameter(fmt::format("{}.weight", name), {graph.shape(x)[1]}, "ones", false);  // declared first, so that it is not trained
    x = BatchNorm({.momentum = kNewStatistics}).build(graph, name, x);
  };

  const int64_t channels = graph.shape(x)[1], filters = 2 * channels * kPatch * kPatch;
  graph.parameter("whiten.weight", {filters, channels, kPatch, kPatch}, kWhitening, false);
  x = Conv2d({.filters = filters, .kernel = kPatch, .pad = 0}).build(graph, "whiten", x);
  act("whiten.act");
  for (int block = 1; block <= 3; ++block) {
    const auto inside = graph.scope(fmt::format("block{}", block));
    const int64_t width = block == 1 ? options_.width : options_.wide;
    convolution("conv1", width);
    pool("pool", 2);
    norm("norm1");
    act("act1");
    convolution("conv2", width);
    norm("norm2");
    act("act2");
  }
  pool("pool", 3);
  const std::string init = fmt::format("normal,std={}", 1.0 / static_cast<double>(graph.shape(x).inner()));
  return Linear({.features = classes, .bias = false, .init = init}).build(graph, "head", x);
}

}  // namespace convscope
