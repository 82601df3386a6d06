#include "convscope/subject/network_subject.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/ops/attack_loss.h"
#include "convscope/graph/rules/lift.h"
#include "convscope/graph/rules/rectifiers.h"
#include "convscope/graph/rules/relevance.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

Tensor random_images(int64_t n, Shape image) {
  Tensor x({n, image[0], image[1], image[2]});
  const RandomStream random(3, "images");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  return x;
}

class NetworkSubjects : public ::testing::Test {
 protected:
  Graph graph = models().make("resnet20")->build({3, 32, 32}, 10);
  std::shared_ptr<Weights> weights = std::make_shared<Weights>(graph, initialise(graph, 1));
  NetworkSubject subject{graph, weights, {.batch = 4}};
  Tensor x = random_images(6, {3, 32, 32});
  std::vector<int64_t> targets{0, 3, 9, 1, 1, 7};

  /** (f(x + h) − f(x − h)) / 2h of image 5 along its own gradient, against the gradient's length. */
  void slope_is_the_change(const Objective& objective) {
    const Slope at = subject.slope(x, objective, targets);
    const auto g = at.gradient.row(5);
    double squares = 0;
    for (const float v : g) squares += static_cast<double>(v) * v;
    const double length = std::sqrt(squares);
    ASSERT_GT(length, 0);
    const double h = 1e-2;
    const auto moved = [&](double by) {
      Tensor y = x;
      for (size_t i = 0; i < g.size(); ++i) y.row(5)[i] += static_cast<float>(by * g[i] / length);
      return subject.slope(y, objective, targets).value[5];
    };
    EXPECT_NEAR((moved(h) - moved(-h)) / (2 * h), length, 0.02 * length);
  }
};

TEST_F(NetworkSubjects, SlopesAreWhatTheValueChangesBy) {
  slope_is_the_change({});
  slope_is_the_change({.of = Objective::Of::softmax});
  slope_is_the_change({.of = Objective::Of::loss});
  slope_is_the_change({.of = Objective::Of::log_odds});
  for (const auto of : {Objective::Of::margin, Objective::Of::dlr}) {
    for (int64_t& target : targets) target = label_of("margin", {target, (target + 5) % 10}, 10);
    slope_is_the_change({.of = of});
    targets = {0, 3, 9, 1, 1, 7};
  }
  slope_is_the_change({.node = "layer2.0.conv1"});
  slope_is_the_change({.node = "layer2.0.conv1", .positions = true});
}

TEST_F(NetworkSubjects, PassesGiveTheSlopesAndValuesOfAnyNode) {
  const Passed passed =
      subject.pass(x, {.objective = {}, .gradients = {"pixels", "layer3.2.relu2"}, .values = {"layer3.2.relu2"}}, targets);
  const Slope slope = subject.slope(x, {}, targets);
  EXPECT_LT(relative_error(passed.gradients.at("pixels"), slope.gradient), 1e-5);
  EXPECT_LT(relative_error(passed.values.at("layer3.2.relu2"), subject.activation(x, "layer3.2.relu2")), 1e-5);
  EXPECT_LT(relative_error(passed.table, slope.table), 1e-5);
  // A mean and a dense layer follow: the slope of channel k is its weight over the count of positions.
  const Tensor weight = weights->get("linear.weight");
  for (int64_t n = 0; n < 6; ++n)
    for (int64_t k = 0; k < 64; ++k)
      EXPECT_NEAR(passed.gradients.at("layer3.2.relu2").row(n)[static_cast<size_t>(64 * k + 5)],
                  weight[64 * targets[static_cast<size_t>(n)] + k] / 64, 1e-6);
}

TEST_F(NetworkSubjects, PassesByRulesAreTheSameOnAnEngineThatChecks) {
  NetworkSubject checked(graph, weights, {.batch = 4, .engine = {"check", {{"tolerance", 1e-3}}}});
  for (const auto& ruling : {guided_ruling(), lift_ruling(), relevance_ruling({})}) {
    const Passed passed = checked.pass(x, {.objective = {}, .ruling = ruling}, targets, Tensor(x.shape()));
    EXPECT_GT(max_abs(passed.gradients.at("pixels").span()), 0) << ruling->name;
    EXPECT_EQ(passed.gradients.contains(kAbsorbed), ruling->folded) << ruling->name;
  }
}

TEST_F(NetworkSubjects, AnswerFromANodesOwnValuesAsFromThePixels) {
  for (const char* node : {"layer2.0.relu1", "layer3.2.relu2"}) {  // past the first one leads a shortcut
    const Tensor table = subject.table_from(node, subject.activation(x, node), x, {});
    EXPECT_LT(relative_error(table, subject.logits(x)), 1e-5) << node;
    EXPECT_GT(relative_error(subject.table_from(node, Tensor(subject.activation(x, node).shape()), x, {}), table), 1e-2) << node;
  }
}

TEST_F(NetworkSubjects, LogOddsHaveTheLossesDirectionAlsoWhereTheNetworkIsSure) {
  const Slope loss = subject.slope(x, {.of = Objective::Of::loss}, targets);
  const Slope odds = subject.slope(x, {.of = Objective::Of::log_odds}, targets);
  const Tensor p = softmax(subject.logits(x));
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    Tensor scaled({x.shape().inner()}, odds.gradient.row(n));
    const float missing = 1 - p[n * 10 + targets[static_cast<size_t>(n)]];
    for (float& v : scaled.span()) v *= missing;
    EXPECT_LT(relative_error(scaled, Tensor({x.shape().inner()}, loss.gradient.row(n))), 1e-4);
  }
  // Surer by a power of two, which rounds nothing: no picture's slope may be lost, whatever its class's confidence rounds to.
  const std::vector<int64_t> own = predicted(subject, x);
  const std::string last = graph.name(graph.output);
  for (const char* tensor : {".weight", ".bias"}) {
    Tensor larger = weights->get(last + tensor);
    for (float& v : larger.span()) v *= 4096;
    weights->set(last + tensor, larger);
  }
  weights->changed();
  const Slope sure = subject.slope(x, {.of = Objective::Of::log_odds}, own);
  const Slope lost = subject.slope(x, {.of = Objective::Of::loss}, own);
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    EXPECT_GT(max_abs(sure.gradient.row(n)), 0);
    EXPECT_TRUE(all_finite(sure.gradient.row(n)));
  }
  EXPECT_EQ(max_abs(lost.gradient.row(0)), 0) << "this network is not sure enough for the test";
}

TEST_F(NetworkSubjects, StreamWhatTheirNodesGive) {
  // The program that ends with the node fuses otherwise than one that goes on, so that sums may be rounded otherwise.
  for (const std::string& node : {std::string("layer1.0.relu2"), std::string("layer3.2.conv2"), graph.name(graph.output)}) {
    const Tensor all = subject.activation(x, node);
    const auto fill = [&](int64_t first, std::span<float> to) { std::copy_n(x.row(first).begin(), to.size(), to.begin()); };
    int64_t seen = 0;
    const auto take = [&](int64_t first, int64_t count, const Tensor& y) {
      EXPECT_EQ(first, seen);
      seen += count;
      for (int64_t n = 0; n < count; ++n)
        EXPECT_LT(relative_error(Tensor({all.shape().inner()}, y.row(n)), Tensor({all.shape().inner()}, all.row(first + n))), 1e-5) << node;
    };
    subject.stream(node, 6, fill, take);
    EXPECT_EQ(seen, 6);
    seen = 0;
    subject.Subject::stream(node, 6, fill, take);
    EXPECT_EQ(seen, 6);
  }
}

TEST_F(NetworkSubjects, AnImagesSlopeDoesNotKnowOfTheOthers) {
  for (const auto of : {Objective::Of::logits, Objective::Of::softmax, Objective::Of::loss}) {
    const Slope all = subject.slope(x, {.of = of}, targets);
    Tensor one({1, 3, 32, 32}, std::span<const float>(x.row(5)));
    const Slope alone = subject.slope(one, {.of = of}, std::span(targets).subspan(5));
    EXPECT_LT(relative_error(alone.gradient, Tensor({1, 3, 32, 32}, std::span<const float>(all.gradient.row(5)))), 1e-6);
    EXPECT_DOUBLE_EQ(alone.value[0], all.value[5]);
  }
}

TEST_F(NetworkSubjects, SlopesComeWithTheirTable) {
  for (const Objective& objective : {Objective{.of = Objective::Of::loss}, Objective{.of = Objective::Of::softmax}}) {
    const Slope at = subject.slope(x, objective, targets);
    EXPECT_LT(relative_error(at.table, subject.table(x, objective)), 1e-5);
  }
}

TEST_F(NetworkSubjects, LogitsAndActivationsComeForAnyCountOfImages) {
  EXPECT_EQ(subject.logits(x).shape(), (Shape{6, 10}));
  EXPECT_EQ(subject.activation(x, "layer2.0.conv1").shape(), (Shape{6, 32, 16, 16}));
  EXPECT_EQ(subject.shape("layer2.0.conv1"), (Shape{32, 16, 16}));
  EXPECT_EQ(predicted(subject, x).size(), 6u);
}

TEST_F(NetworkSubjects, FollowTheirWeights) {
  const Tensor before = subject.logits(x);
  Tensor bias = weights->get("linear.bias");
  bias[0] += 1;
  weights->set("linear.bias", bias);
  weights->changed();
  EXPECT_NEAR(subject.logits(x)[0], before[0] + 1, 1e-5);
}

TEST_F(NetworkSubjects, ComputeByTheEngineThatIsAskedFor) {
  const Tensor two({2, 3, 32, 32}, x.span().first(static_cast<size_t>(2 * x.shape().inner())));
  NetworkSubject slow(subject.graph(), weights, {.batch = 2, .engine = {"reference"}});
  EXPECT_LT(relative_error(subject.logits(two), slow.logits(two)), 1e-4);
  NetworkSubject strict(subject.graph(), weights, {.batch = 2, .engine = {"check", {{"tolerance", 0}}}});
  EXPECT_THROW_SAYING(strict.logits(two), "is off by");
  NetworkSubject none(subject.graph(), weights, {.batch = 2, .engine = {"onendnn"}});
  EXPECT_THROW_SAYING(none.logits(two), "no engine 'onendnn'; did you mean 'onednn'?");
}

TEST_F(NetworkSubjects, SayWhatDoesNotFit) {
  EXPECT_THROW_SAYING(subject.logits(random_images(1, {3, 28, 28})), "takes [N, 3, 32, 32]");
  EXPECT_THROW_SAYING(subject.activation(x, "layer2.0.conv3"), "layer2.0.conv1");
  targets[2] = 10;
  EXPECT_THROW_SAYING(subject.slope(x, {}, targets), "target 10");
}

TEST(LinearSubjects, KnowTheirSlopes) {
  testing_subject::LinearSubject linear({1, 3, 3}, 4);
  const Tensor x = random_images(2, {1, 3, 3});
  const std::vector<int64_t> targets{2, 0};
  for (const auto of : {Objective::Of::logits, Objective::Of::softmax, Objective::Of::loss}) {
    const Slope at = linear.slope(x, {.of = of}, targets);
    Tensor moved = x;
    moved[4] += 1e-3f;
    EXPECT_NEAR((linear.slope(moved, {.of = of}, targets).value[0] - at.value[0]) / 1e-3, at.gradient[4], 2e-3);
  }
}

}  // namespace
}  // namespace convscope
