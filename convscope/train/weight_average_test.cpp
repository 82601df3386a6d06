#include "convscope/train/weight_average.h"

#include <algorithm>
#include <cstring>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/engine/program.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/train/clipping.h"
#include "convscope/train/decay.h"
#include "convscope/train/optimiser.h"

namespace convscope {
namespace {

constexpr int64_t kBatch = 4;

/** A network of 11 filters a layer, which lie in blocks of 16, in training. */
struct Trained {
  Trained()
      : network(models().make("lenet", {{"width", 11}})->build({1, 28, 28}, 10)),
        weights(std::make_shared<Weights>(network, initialise(network, 1))) {
    Request request;
    request.purpose = Purpose::train;
    request.batch = kBatch;
    request.objective = Choice{"cross-entropy"};
    program = compile(network, weights, request);
    const RandomStream random(3, "pixels");
    Tensor& pixels = program->input(kPixels);
    for (int64_t i = 0; i < pixels.size(); ++i) pixels[i] = random.uniform(static_cast<uint64_t>(i));
    for (int64_t n = 0; n < kBatch; ++n) program->input(kLabels)[n] = static_cast<float>(n);
    for (int i = 0; i < rule->moments(); ++i) moments.emplace_back(weights->trained().size());
  }

  void update(int64_t step) {
    program->run({});
    clip_gradients(program->parameter_gradients(), 0.01, 0.05);
    Update u{weights->trained(), program->parameter_gradients(), {}, 0.1, step, decayed};
    for (auto& m : moments) u.moments.emplace_back(m);
    rule->update(u);
    weights->changed();
  }

  Graph network;
  std::shared_ptr<Weights> weights;
  std::unique_ptr<Program> program;
  std::unique_ptr<Optimiser> rule = optimisers().make("adamw");
  std::vector<float> decayed;
  std::vector<std::vector<float>> moments;
};

/** Whether what lies beyond the tensors' own numbers is zero: laying the plain tensors out again must give the same bytes. */
bool padding_is_zero(Weights& w) {
  std::vector<float> again(w.trained().size());
  w.from_plain(w.to_plain(w.trained()), again);
  return std::memcmp(again.data(), w.trained().data(), again.size() * sizeof(float)) == 0;
}

TEST(WeightAverageTest, KeepsPaddingZeroAndSoDoesClipping) {
  Trained t;
  t.decayed = decay_on_kernels(t.network, *t.weights);
  WeightAverage average(t.network, *t.weights, 0.9);
  for (int64_t step = 1; step <= 4; ++step) {
    t.update(step);
    average.update(*t.weights, step);
  }
  EXPECT_TRUE(padding_is_zero(*t.weights));
  EXPECT_TRUE(padding_is_zero(*average.weights()));
}

TEST(WeightAverageTest, IsTheRunningMeanOfEveryParameterAndStatistic) {
  Trained t;
  constexpr double kDecay = 0.3;
  WeightAverage average(t.network, *t.weights, kDecay);
  std::map<std::string, std::vector<double>> wanted;
  for (const auto& [name, tensor] : t.weights->tensors()) wanted[name].assign(tensor.data(), tensor.data() + tensor.size());
  for (int64_t step = 1; step <= 4; ++step) {
    t.update(step);
    average.update(*t.weights, step);
    const double memory = std::min(kDecay, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
    for (const auto& [name, tensor] : t.weights->tensors())
      for (size_t i = 0; i < wanted[name].size(); ++i)
        wanted[name][i] = memory * wanted[name][i] + (1 - memory) * tensor[static_cast<int64_t>(i)];
  }
  int64_t statistics = 0;
  for (const Weights::Entry& e : t.weights->entries()) {
    statistics += !e.trained;
    const Tensor came = average.weights()->get(e.name);
    for (size_t i = 0; i < wanted[e.name].size(); ++i) ASSERT_NEAR(came[static_cast<int64_t>(i)], wanted[e.name][i], 1e-5) << e.name;
  }
  EXPECT_GT(statistics, 0);
}

TEST(WeightAverageTest, StaysExactlyWhereTheWeightsDoNotMove) {
  Trained t;
  WeightAverage average(t.network, *t.weights, 0.999);
  for (int64_t step = 1; step <= 100; ++step) average.update(*t.weights, step);
  for (const auto& [name, tensor] : t.weights->tensors()) {
    const Tensor came = average.weights()->get(name);
    EXPECT_EQ(std::memcmp(came.data(), tensor.data(), static_cast<size_t>(tensor.size()) * sizeof(float)), 0) << name;
  }
}

TEST(DecayTest, TouchesWeightsOfConvolutionsAndLinearLayersAlone) {
  Trained t;
  const std::set<std::string> kernels = kernels_of(t.network);
  const std::vector<float> blocks = decay_on_kernels(t.network, *t.weights);
  int64_t ones = 0;
  for (const Weights::Entry& e : t.weights->entries()) {
    EXPECT_EQ(kernels.contains(e.name), e.trained && e.shape.rank() > 1) << e.name;
    if (!e.trained) continue;
    for (int64_t i = e.offset; i < e.offset + e.floats; ++i)
      ASSERT_EQ(blocks[static_cast<size_t>(i / kDecayBlock)], kernels.contains(e.name) ? 1 : 0) << e.name << " at " << i;
    ones += kernels.contains(e.name);
  }
  EXPECT_EQ(ones, 5);
}

TEST(DecayTest, TouchesTheWeightsThatMixManyMasks) {
  const Graph network = models()
                            .make("perturb-resnet18", {{"width", 8}, {"filter_size", 0}, {"first_filter_size", 3}, {"nmasks", 2}})
                            ->build({3, 32, 32}, 10);
  const std::set<std::string> kernels = kernels_of(network);
  int64_t mixed = 0;
  for (const Node& node : network.nodes())
    if (as<PerturbMixOp>(*node.op)) {
      ++mixed;
      EXPECT_TRUE(kernels.contains(network.node(node.inputs[PerturbMixOp::kWeight]).name)) << node.name;
      EXPECT_FALSE(kernels.contains(network.node(node.inputs[PerturbMixOp::kMasks]).name)) << node.name;
    }
  EXPECT_GT(mixed, 0);
}

}  // namespace
}  // namespace convscope
