// Holds for every row of the table, also for the one you are adding.
#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/data/images8.h"
#include "convscope/graph/op.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/loss.h"

namespace convscope {
namespace {

class EveryLoss : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Table, EveryLoss, ::testing::ValuesIn(losses().names()), [](const auto& param) {
  std::string name = param.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

float value_of(const Loss& loss, const Tensor& logits, const Tensor& labels) {
  Tensor value({1});
  const Tensor* const in[] = {&logits, &labels};
  Tensor* const out[] = {&value};
  ops().make(loss.objective())->run(in, out, {});
  return value[0];
}

TEST_P(EveryLoss, IsTheMeanOrTheSumOfItsImagesUnlessItSaysThatItCouplesThem) {
  const auto loss = losses().make(GetParam());
  if (loss->couples_images()) GTEST_SKIP() << GetParam() << " couples images";
  const Tensor logits({2, 3}, {1, 2, 3, 0, -1, 2}), labels({2}, {0, 2});
  double sum = 0;
  for (int64_t n = 0; n < 2; ++n)
    sum += value_of(*loss, Tensor({1, 3}, logits.row(n)), Tensor({1}, labels.span().subspan(static_cast<size_t>(n), 1)));
  EXPECT_NEAR(value_of(*loss, logits, labels), loss->sums() ? sum : sum / 2, 1e-6);
}

TEST_P(EveryLoss, SaysWhichOptionIsUnknown) { EXPECT_THROW_SAYING(losses().make({GetParam(), {{"smoothin", 1}}}), "smoothin"); }

TEST(Losses, AreRefusedByNameAndByOption) {
  EXPECT_THROW_SAYING(losses().make("cross-entrpy"), "did you mean 'cross-entropy'");
  EXPECT_ANY_THROW(losses().make(parse_choice("cross-entropy,of=logit")));
}

/** A small network and seven random pictures: two full batches of three, and one. */
TEST(Losses, OfTestPicturesAreThoseOfTheTraining) {
  const Graph graph = models().make("medium")->build({1, 28, 28}, 5);
  const auto weights = std::make_shared<Weights>(graph, initialise(graph, 1));
  std::vector<uint8_t> levels(7 * 28 * 28);
  for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(i * 37 % 256);
  const auto data = std::make_shared<Images8>(Shape{7, 1, 28, 28}, levels, std::vector<int32_t>{0, 1, 2, 3, 4, 0, 1},
                                              std::vector<std::string>{"a", "b", "c", "d", "e"});
  std::vector<std::vector<float>> logits;
  const auto evaluated = [&](const std::string& loss) {
    return Evaluator(graph, weights, data, {}, 3, loss).run({}, [&](int64_t, std::span<const float> row) {
      logits.emplace_back(row.begin(), row.end());
    });
  };
  const auto by_definition = [&](double smoothing) {
    double sum = 0;
    for (int64_t n = 0; n < 7; ++n) {
      const Tensor p = softmax(Tensor({1, 5}, logits[static_cast<size_t>(n)]));
      for (int64_t y = 0; y < 5; ++y) sum -= ((y == data->label(n) ? 1 - smoothing : 0) + smoothing / 5) * std::log(p[y]);
    }
    return sum / 7;
  };
  const Evaluation plain = evaluated("cross-entropy"), smoothed = evaluated("cross-entropy,smoothing=0.3");
  EXPECT_NEAR(plain.loss, by_definition(0), 1e-5);
  EXPECT_NEAR(smoothed.loss, by_definition(0.3), 1e-5);
  EXPECT_GT(std::abs(smoothed.loss - plain.loss), 1e-4);
  EXPECT_EQ(smoothed.loss_name, "cross-entropy,smoothing=0.3");
  EXPECT_NEAR(evaluated("cross-entropy,reduction=sum").loss, plain.loss, 1e-6) << "a mean over the images all the same";
}

}  // namespace
}  // namespace convscope
