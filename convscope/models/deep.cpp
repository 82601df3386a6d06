#include "convscope/models/deep.h"

#include "convscope/models/head.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/one_of.h"
#include "convscope/nn/pool.h"

namespace convscope {

Deep::Deep(Options options) : options_(std::move(options)) {
  require_one_of("deep", "pools", options_.pools, {"early", "late"});
  require(!options_.shared || options_.pools == "early", "deep: pools={} is of the network without shared weights", options_.pools);
}

namespace {

/** A convolution by the name of its weights; a name that comes again is the same layer again. */
struct DeepLayer {
  const char* name;
  int64_t filters;
  bool pool;
};

std::vector<DeepLayer> own_layers(bool late) {
  constexpr const char* kNames[] = {"conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "conv7", "conv8", "conv9"};
  constexpr int64_t kFilters[] = {16, 16, 16, 32, 32, 32, 64, 64, 64};
  std::vector<DeepLayer> layers;
  for (int n = 1; n <= 9; ++n) layers.push_back({kNames[n - 1], kFilters[n - 1], late ? n <= 3 || n == 9 : n != 5});
  return layers;
}

const std::vector<DeepLayer> kSharedLayers{{"conv1", 16, false}, {"conv2", 16, true},  {"conv2", 16, true},
                                           {"conv3", 32, true},  {"conv4", 32, false}, {"conv4", 32, true},
                                           {"conv5", 64, false}, {"conv6", 64, false}, {"conv6", 64, false}};

}  // namespace

Value Deep::logits(Builder& graph, Value x, int64_t classes) const {
  int n = 0;
  for (const DeepLayer& layer : options_.shared ? kSharedLayers : own_layers(options_.pools == "late")) {
    ++n;
    const Conv2d conv({.filters = layer.filters, .init = options_.init, .bias_init = options_.bias_init});
    x = conv.build(graph, layer.name, x);
    x = Relu({}).build(graph, fmt::format("relu{}", n), x);
    if (layer.pool && side(graph, x) >= 2) x = MaxPool({}).build(graph, fmt::format("pool{}", n), x);
  }
  return dense_head(graph, x, classes, options_.init, options_.bias_init);
}

}  // namespace convscope
