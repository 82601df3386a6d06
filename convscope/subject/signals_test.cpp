// Signals before samples are dropped, of all models that drop any.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "convscope/base/random.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/subject/network_subject.h"

namespace convscope {
namespace {

void fill_randomly(Tensor& x) {
  const RandomStream random(3, "images");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
}

/** What a network answers in plain loops. */
struct Answers {
  Tensor logits;
  std::map<std::string, Tensor> signals;
};
Answers answers(const Graph& graph, const Names& taps) {
  Request request;
  request.taps = taps;
  const auto program = engines().make("reference")->compile(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), request);
  fill_randomly(program->input(kPixels));
  program->run({});
  Answers all{program->logits(), {}};
  for (const std::string& tap : taps) all.signals.emplace(tap, program->tap(tap));
  return all;
}

/** Nothing is changed by looking, and what is looked at is what goes on when samples are dropped from it. */
void expect_signals_leave_the_answer_alone(const Graph& graph, const std::string& name) {
  const auto all = subsamplings(graph);
  ASSERT_FALSE(all.empty()) << name;
  Names nodes, taps;
  for (const Subsampling& s : all) nodes.insert(s.node), taps.insert(s.signal);
  const Answers plain = answers(graph, nodes), looked_at = answers(graph, taps);
  ASSERT_EQ(plain.logits.shape(), looked_at.logits.shape());
  EXPECT_EQ(std::memcmp(plain.logits.data(), looked_at.logits.data(), static_cast<size_t>(plain.logits.size()) * sizeof(float)), 0) << name;
  for (const Subsampling& s : all) {
    const Tensor &signal = looked_at.signals.at(s.signal), &kept = plain.signals.at(s.node);
    const Shape &from = signal.shape(), &to = kept.shape();
    for (int64_t plane = 0; plane < to[0] * to[1]; ++plane)
      for (int64_t r = 0; r < to[2]; ++r)
        for (int64_t c = 0; c < to[3]; ++c)
          ASSERT_EQ(kept[(plane * to[2] + r) * to[3] + c], signal[(plane * from[2] + r * s.rate) * from[3] + c * s.rate])
              << name << ' ' << s.node;
  }
}

TEST(Signals, LeaveTheAnswerOfEveryModelThatSubsamplesAsItWasBitForBit) {
  int64_t seen = 0;
  for (const std::string& name : models().names()) {
    Json narrow = json_object();
    for (const FieldHelp& option : models().at(name).options)
      if (option.name == "width") narrow["width"] = 8;
    const auto model = models().make(name, narrow);
    Task task = model->usual_task();
    // Smaller pictures and fewer weights say the same sooner.
    for (const int64_t side : {int64_t{32}, int64_t{64}, task.image[1]}) {
      Graph graph;
      try {
        graph = model->build({task.image[0], side, side}, 10);
      } catch (const Error&) {
        continue;
      }
      if (subsamplings(graph).empty()) break;
      int64_t macs = 0;
      for (const Node& node : graph.nodes()) {
        std::vector<Shape> in;
        for (const Value v : node.inputs) in.push_back(graph.shape(v));
        macs += node.op->macs(in, node.shapes);
      }
      constexpr int64_t kMost = 50'000'000;
      if (macs <= kMost) {
        expect_signals_leave_the_answer_alone(graph, name);
        ++seen;
      }
      break;
    }
  }
  EXPECT_GE(seen, 8);
}

/** A chain of the ops that subsample, also with groups, depthwise, dilated and in ceil mode. */
Graph unusual_network(bool mean_in_ceil_mode = false) {
  Builder graph({4, 23, 19});
  Value x = graph.pixels();
  const auto conv = [&](std::string_view name, int64_t filters, int64_t kernel, Conv2dOptions o) {
    const int64_t channels = graph.shape(x)[1];
    x = graph.add<Conv2dOp>(
        name, o, {x, graph.parameter(fmt::format("{}.weight", name), {filters, channels / o.groups, kernel, kernel}, "he-normal")});
  };
  conv("grouped", 8, 3, {.stride = 2, .pad = 1, .groups = 2});
  x = graph.add<MaxPoolOp>("ceil", {.kernel = 3, .stride = 2, .pad = 0, .ceil = true}, {x});
  conv("depthwise", 8, 3, {.stride = 2, .pad = 3, .dilation = 2, .groups = 8});
  conv("wide", 8, 3, {.stride = 3, .pad = 2, .dilation = 2});
  conv("even", 8, 2, {.stride = 1, .pad = 4});
  x = graph.add<AvgPoolOp>("mean", {.kernel = 4, .stride = 2, .pad = 1, .ceil = mean_in_ceil_mode, .count_include_pad = false}, {x});
  x = graph.add<SubsampleOp>("drop", {.rate = 2}, {x});
  x = graph.add<FlattenOp>("flatten", {}, {x});
  x = graph.add<LinearOp>("linear", {.bias = false}, {x, graph.parameter("linear.weight", {5, graph.shape(x)[1]}, "he-normal")});
  return std::move(graph).finish(x);
}

TEST(Signals, LeaveGroupsDilationsMeansAndCeilModeAsTheyWere) {
  const Graph graph = unusual_network();
  std::vector<std::string> nodes;
  for (const Subsampling& s : subsamplings(graph)) nodes.push_back(s.node);
  EXPECT_EQ(nodes, (std::vector<std::string>{"grouped", "ceil", "depthwise", "wide", "mean", "drop"}));
  expect_signals_leave_the_answer_alone(graph, "unusual network");
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 2});
  EXPECT_EQ(subject.signals().at(3).rate, 3);
  EXPECT_EQ(subject.signals().at(3).label, "wide");
}

TEST(Signals, OfAPoolOfTheWholeMapAreNone) {
  Builder graph({2, 8, 8});
  Value x = graph.add<MaxPoolOp>("half", {.kernel = 2, .stride = 2}, {graph.pixels()});
  x = graph.add<AvgPoolOp>("all", {.kernel = 4, .stride = 4}, {x});
  x = graph.add<FlattenOp>("flatten", {}, {x});
  const Graph finished = std::move(graph).finish(x);
  ASSERT_EQ(subsamplings(finished).size(), 1u);
  EXPECT_EQ(subsamplings(finished).front().node, "half");
}

TEST(Signals, OfAMeanInCeilModeAreRefused) {
  const Graph graph = unusual_network(true);
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 2});
  try {
    (void)subject.signals();
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("'mean'"), std::string::npos) << e.what();
  }
}

std::string told(const std::string& model, Shape image, int64_t classes) {
  const Graph graph = models().make(parse_choice(model))->build(image, classes);
  std::string text;
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 1});
  for (const Signal& s : subject.signals()) text += fmt::format("{} {}x{}x{}; ", s.label, s.shape[0], s.shape[1], s.shape[2]);
  return text;
}

TEST(Signals, AreNamedAndSizedAsPublished) {
  EXPECT_EQ(told("resnet34", {3, 224, 224}, 1000),
            "0 64x224x224; m 64x112x112; 1 128x56x56; *1 128x56x56; 2 256x28x28; *2 256x28x28; 3 512x14x14; *3 512x14x14; ");
  EXPECT_EQ(told("oscillation-resnet,depth=20,size=small,widths=incr", {1, 32, 32}, 400),
            "1 32x32x32; *1 32x32x32; 2 64x16x16; *2 64x16x16; ");
  EXPECT_EQ(told("resnet20", {3, 32, 32}, 10), "1 32x32x32; *1 16x32x32; 2 64x16x16; *2 32x16x16; ");
}

TEST(Signals, StreamWithTheAnswersOfTheNetworkItself) {
  const Graph graph = models().make("resnet20")->build({3, 32, 32}, 10);
  NetworkSubject subject(graph, std::make_shared<Weights>(graph, initialise(graph, 1)), {.batch = 4});
  Tensor x({6, 3, 32, 32});
  fill_randomly(x);
  const Tensor logits = subject.logits(x);
  const Tensor before_norm = subject.activation(x, "layer2.0.conv1"), block_input = subject.activation(x, "layer1.2.relu2");
  int64_t seen = 0;
  subject.stream_signals(
      6, [&](int64_t first, std::span<float> to) { std::copy_n(x.row(first).begin(), to.size(), to.begin()); },
      [&](int64_t first, int64_t count, const Tensor& answers, std::span<const Tensor* const> signals) {
        ASSERT_EQ(signals.size(), 4u);
        EXPECT_EQ(first, seen);
        seen += count;
        for (int64_t n = 0; n < count; ++n) {
          EXPECT_LT(relative_error(Tensor({10}, answers.row(n)), Tensor({10}, logits.row(first + n))), 1e-4);
          const auto all = signals[0]->row(n), kept = before_norm.row(first + n);
          for (int64_t c = 0; c < 32; ++c)
            for (int64_t r = 0; r < 16; ++r)
              for (int64_t k = 0; k < 16; ++k)
                EXPECT_NEAR(all[static_cast<size_t>((c * 32 + 2 * r) * 32 + 2 * k)], kept[static_cast<size_t>((c * 16 + r) * 16 + k)],
                            1e-4);
          EXPECT_LT(relative_error(Tensor({16 * 32 * 32}, signals[1]->row(n)), Tensor({16 * 32 * 32}, block_input.row(first + n))), 1e-4);
        }
      });
  EXPECT_EQ(seen, 6);
}

TEST(Signals, OfANetworkWithoutStridesAreNone) {
  Builder graph({1, 4, 4});
  const Value flat = graph.add<FlattenOp>("flatten", {}, {graph.pixels()});
  const Value y = graph.add<LinearOp>("linear", {.bias = false}, {flat, graph.parameter("linear.weight", {3, 16}, "he-normal")});
  const Graph network = std::move(graph).finish(y);
  NetworkSubject subject(network, std::make_shared<Weights>(network, initialise(network, 1)), {.batch = 1});
  EXPECT_TRUE(subject.signals().empty());
  EXPECT_THROW(subject.stream_signals(
                   1, [](int64_t, std::span<float>) {}, [](int64_t, int64_t, const Tensor&, std::span<const Tensor* const>) {}),
               Error);
}

}  // namespace
}  // namespace convscope
