#include "convscope/inspect/attribution/cam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "convscope/base/base_testing.h"
#include "convscope/inspect/attribution/network_testing.h"
#include "convscope/inspect/attribution/positions.h"

namespace convscope {
namespace {

using testing_network::Net;
using testing_network::only;
using testing_network::random_images;

const Shape kImage{3, 9, 12};

Maps explained(Subject& subject, const std::string& method, const Tensor& x, std::vector<int64_t> targets = {0, 1, 2}) {
  return attributions().make(parse_choice(method))->explain(subject, x, {{}, std::move(targets), {}, 1, {}});
}

class Cams : public ::testing::Test {
 protected:
  NetworkSubject subject = testing_network::small_network(kImage, 2);
  Tensor x = random_images(3, kImage);
};

TEST_F(Cams, AgreeWhereAMeanAndADenseLayerFollow) {
  // There a channel's slope is the same at all positions: its weight in the dense layer over their count.
  const Tensor grad = explained(subject, "grad-cam,signed=true", x).values;
  for (const char* other : {"hires-cam,signed=true", "xgrad-cam,signed=true"})
    EXPECT_LT(relative_error(explained(subject, other, x).values, grad), 1e-5) << other;
  const Tensor a = subject.activation(x, "relu2"), w = subject.weights()->get("fc.weight");
  const int64_t h = a.shape()[2], width = a.shape()[3];
  for (int64_t n = 0; n < 3; ++n) {
    std::vector<double> map(static_cast<size_t>(h * width)), layer = map;
    for (int64_t k = 0; k < 8; ++k)
      for (int64_t p = 0; p < h * width; ++p) {
        const double share = w[n * 8 + k] / static_cast<double>(h * width) * a.row(n)[static_cast<size_t>(k * h * width + p)];
        map[static_cast<size_t>(p)] += share;
        layer[static_cast<size_t>(p)] += std::max(share, 0.0);
      }
    const auto wanted = upsampled(map, h, width, 9, 12), of_layer = upsampled(layer, h, width, 9, 12);
    const Tensor layers = explained(subject, "layer-cam", x).values;
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_NEAR(grad.row(n)[i], wanted[i], 1e-6);
      EXPECT_NEAR(layers.row(n)[i], of_layer[i], 1e-6);
    }
  }
}

TEST_F(Cams, TakeTheLastNodeWithPositionsAndSayWhich) {
  const Maps maps = explained(subject, "grad-cam", x);
  EXPECT_EQ(maps.over, "at node relu2");
  EXPECT_EQ(max_difference(maps.values, explained(subject, "grad-cam,node=relu2", x).values), 0);
  EXPECT_GT(max_difference(maps.values, explained(subject, "grad-cam,node=relu1", x).values), 0);
}

TEST_F(Cams, OfSeveralNodesAreTheMeanOfMapsOfEqualWeight) {
  for (const std::string method : {"layer-cam", "score-cam", "ablation-cam"}) {
    const Maps both = explained(subject, method + ",node=relu1+relu2", x);
    EXPECT_EQ(both.over, "at the mean of nodes relu1, relu2");
    const auto of = [&](const char* node) { return explained(subject, method + ",node=" + node, x).values; };
    const Tensor first = of("relu1"), second = of("relu2");
    const auto scaled = [](std::span<const float> map, size_t i) { return map[i] / std::max(max_abs(map), 1e-30f); };
    for (int64_t n = 0; n < 3; ++n) {
      EXPECT_GT(max_abs(first.row(n)) + max_abs(second.row(n)), 0) << method;
      for (size_t i = 0; i < both.values.row(n).size(); ++i)
        EXPECT_NEAR(both.values.row(n)[i], (scaled(first.row(n), i) + scaled(second.row(n), i)) / 2, 1e-5) << method;
    }
  }
}

TEST_F(Cams, RefuseANodeWithoutPositionsInALine) {
  EXPECT_THROW_SAYING(explained(subject, "grad-cam,node=fc.dense", x), "has no positions; the last one that has is 'relu2'");
  EXPECT_THROW_SAYING(explained(subject, "grad-cam,node=conv2.weight", x), "is not between the pixels and");
  EXPECT_THROW_SAYING(explained(subject, "grad-cam,node=relu3", x), "relu2");
  Net dense(kImage);
  NetworkSubject no_maps = dense.subject(dense.dense("fc", dense.op<FlattenOp>("flat", {dense.pixels()}), 5));
  for (const char* method : {"grad-cam", "score-cam", "ablation-cam", "eigen-cam"})
    EXPECT_THROW_SAYING(explained(no_maps, method, x), "no node of this network has positions");
}

TEST_F(Cams, SayWhereNothingSpeaksForTheTarget) {
  // All weights of class 0 below 0: no channel can speak for it.
  std::map<std::string, Tensor> tensors = subject.weights()->tensors();
  for (int64_t k = 0; k < 8; ++k) tensors.at("fc.weight")[k] = -1;
  NetworkSubject against(subject.graph(), std::make_shared<Weights>(subject.graph(), tensors), {.batch = 4});
  const Maps maps = explained(against, "grad-cam", x, {0, 0, 0});
  EXPECT_EQ(max_abs(maps.values.span()), 0);
  EXPECT_EQ(maps.notes[0], "no positive evidence");
  const Maps with_sign = explained(against, "grad-cam,signed=true", x, {0, 0, 0});
  EXPECT_GT(max_abs(with_sign.values.span()), 0);
  EXPECT_EQ(with_sign.notes[0], "");
}

TEST_F(Cams, FinerTakesTheNearestClassesOff) {
  const Tensor logits = subject.logits(x);
  const Tensor finer = explained(subject, "grad-cam,signed=true,finer=0.5", x).values;
  for (int64_t n = 0; n < 3; ++n) {
    std::vector<std::pair<float, int64_t>> others;
    for (int64_t y = 0; y < 5; ++y)
      if (y != n) others.emplace_back(std::abs(logits[n * 5 + y] - logits[n * 5 + n]), y);
    std::sort(others.begin(), others.end());
    const auto map = [&](int64_t y) { return explained(subject, "grad-cam,signed=true", only(x, n), {y}).values; };
    const Tensor own = map(n), a = map(others[0].second), b = map(others[1].second), c = map(others[2].second);
    for (int64_t i = 0; i < own.size(); ++i)
      EXPECT_NEAR(finer.row(n)[static_cast<size_t>(i)], own[i] - 0.5 * (a[i] + b[i] + c[i]) / 3, 1e-5);
  }
}

TEST_F(Cams, ByAblationAreByTheDenseLayersWeights) {
  // A mean and a dense layer follow: without channel k the logit is less by w_k times the channel's mean.
  const Tensor a = subject.activation(x, "relu2"), w = subject.weights()->get("fc.weight"), logits = subject.logits(x);
  const int64_t plane = a.shape()[2] * a.shape()[3];
  const Tensor maps = explained(subject, "ablation-cam", x).values;
  for (int64_t n = 0; n < 3; ++n) {
    std::vector<double> map(static_cast<size_t>(plane));
    for (int64_t k = 0; k < 8; ++k) {
      const auto channel = a.row(n).subspan(static_cast<size_t>(k * plane), static_cast<size_t>(plane));
      double mean = 0;
      for (const float v : channel) mean += v / static_cast<double>(plane);
      for (size_t p = 0; p < channel.size(); ++p) map[p] += w[n * 8 + k] * mean / std::abs(logits[n * 5 + n]) * channel[p];
    }
    for (double& v : map) v = std::max(v, 0.0);
    const auto wanted = upsampled(map, a.shape()[2], a.shape()[3], 9, 12);
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(maps.row(n)[i], wanted[i], 1e-4 * (1 + max_abs(maps.row(n))));
  }
}

TEST_F(Cams, ByAblationKnowWhatPassesTheNodeBy) {
  Net net(kImage, 4);
  const Value stem = net.relu("stem", net.conv("conv1", net.pixels(), 6, 3));
  const Value beside = net.relu("beside", net.conv("conv2", stem, 6, 3));
  NetworkSubject residual = net.subject(net.dense("fc", net.pooled(net.op<AddOp>("add", {stem, beside})), 5));
  const Tensor zeros(residual.activation(x, "beside").shape());
  const Tensor without = residual.table_from("beside", zeros, x, {});
  // What is left is the dense layer of the stem's means.
  const Tensor a = residual.activation(x, "stem"), w = residual.weights()->get("fc.weight"), b = residual.weights()->get("fc.bias");
  for (int64_t n = 0; n < 3; ++n) {
    double logit = b[2];
    for (int64_t i = 0; i < a.shape().inner(); ++i) logit += w[12 + i / 108] * a.row(n)[static_cast<size_t>(i)] / 108.0;
    EXPECT_NEAR(without[n * 5 + 2], logit, 1e-4);
  }
}

TEST_F(Cams, ByMasksWeighWhatIsSeenThroughThem) {
  const Tensor one = only(x, 1), a = subject.activation(one, "relu2");
  const int64_t h = a.shape()[2], w = a.shape()[3];
  std::vector<double> scores, map(static_cast<size_t>(h * w));
  std::vector<std::vector<double>> channels;
  for (int64_t k = 0; k < 8; ++k) {
    channels.emplace_back(a.data() + k * h * w, a.data() + (k + 1) * h * w);
    std::vector<double> mask = upsampled(channels.back(), h, w, 9, 12);
    const auto [low, high] = std::minmax_element(mask.begin(), mask.end());
    const double least = *low, range = *high - least;
    if (range <= 1e-8) {
      channels.pop_back();
      continue;
    }
    Tensor masked = one;
    for (int64_t i = 0; i < masked.size(); ++i) masked[i] *= static_cast<float>((mask[static_cast<size_t>(i % 108)] - least) / range);
    scores.push_back(std::exp(subject.logits(masked)[1]));
  }
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  for (size_t k = 0; k < channels.size(); ++k)
    for (size_t p = 0; p < map.size(); ++p) map[p] += scores[k] / sum * channels[k][p];
  const auto wanted = upsampled(map, h, w, 9, 12);
  const Tensor came = explained(subject, "score-cam", one, {1}).values;
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(came[static_cast<int64_t>(i)], wanted[i], 1e-4);
}

TEST_F(Cams, ByEigenvectorsAreTheDirectionOfMostVariance) {
  const Tensor map = explained(subject, "eigen-cam,signed=true,node=relu1", x).values;  // a node of the picture's size
  const Tensor a = subject.activation(x, "relu1");
  const int64_t channels = a.shape()[1], plane = 9 * 12;
  for (int64_t n = 0; n < 3; ++n) {
    // X Xᵀ p = λ p with the largest λ: no channel by itself varies more.
    const auto p = map.row(n);
    std::vector<double> again(static_cast<size_t>(plane));
    double largest = 0, lambda = 0;
    for (int64_t k = 0; k < channels; ++k) {
      const auto channel = a.row(n).subspan(static_cast<size_t>(k * plane), static_cast<size_t>(plane));
      const double mean = std::accumulate(channel.begin(), channel.end(), 0.0) / static_cast<double>(plane);
      double along = 0, squares = 0;
      for (size_t i = 0; i < p.size(); ++i) {
        along += (channel[i] - mean) * p[i];
        squares += (channel[i] - mean) * (channel[i] - mean);
      }
      for (size_t i = 0; i < p.size(); ++i) again[i] += along * (channel[i] - mean);
      largest = std::max(largest, squares);
    }
    for (const float v : p) lambda += static_cast<double>(v) * v;
    EXPECT_GE(lambda, largest);
    for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(again[i], lambda * p[i], 1e-3 * lambda * max_abs(p));
    EXPECT_GE(*std::max_element(p.begin(), p.end()), -*std::min_element(p.begin(), p.end()));
  }
}

TEST(Upsampling, PutsNumbersBetweenTheMiddlesOfPositions) {
  const std::vector<double> two{0, 1};
  EXPECT_EQ(upsampled(two, 1, 2, 1, 4), (std::vector<double>{0, 0.25, 0.75, 1}));
  EXPECT_EQ(upsampled(two, 2, 1, 4, 2), (std::vector<double>{0, 0, 0.25, 0.25, 0.75, 0.75, 1, 1}));
  EXPECT_EQ(upsampled(two, 1, 2, 2, 2), (std::vector<double>{0, 1, 0, 1}));
}

}  // namespace
}  // namespace convscope
