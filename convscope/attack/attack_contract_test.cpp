// Holds for every row of the table, also for the one you are adding.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/attack/attack.h"
#include "convscope/attack/tail.h"
#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;

/** A linear network whose programs have another batch size. */
class LinearInBatches : public LinearSubject {
 public:
  LinearInBatches(Shape image, int64_t classes, int64_t batch) : LinearSubject(image, classes), batch_(batch) {}
  int64_t batch() const override { return batch_; }

 private:
  int64_t batch_;
};

/** Images of 8 bits, as files hold them, each labelled as the network sees it; every fifth wrongly. */
struct Scene {
  LinearInBatches subject;
  Tensor x;
  std::vector<int64_t> labels, numbers;
  explicit Scene(int64_t batch = 4, int64_t count = 12) : subject({2, 6, 5}, 7, batch), x({count, 2, 6, 5}), numbers(count) {
    const RandomStream random(5, "attacked images");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(random.below(256, static_cast<uint64_t>(i))) / 255.0f;
    labels = predicted(subject, x);
    for (size_t n = 0; n < labels.size(); n += 5) labels[n] = (labels[n] + 1) % 7;
    std::iota(numbers.begin(), numbers.end(), 100);
  }
  AttackedImages images() const { return {x, labels, numbers}; }
  /** The class after each image's own. */
  Goal towards_the_next() const {
    Goal goal{Goal::Kind::targeted, {}};
    for (const int64_t label : labels) goal.targets.push_back((label + 1) % 7);
    return goal;
  }
};

const std::vector<double> kRadii{0, 0.001, 1.0 / 255, 8.0 / 255, 0.3};

class EveryAttack : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Attack> attack = attacks().make(parse_choice(GetParam()));
  Scene scene;
  std::vector<Goal> goals{{}, scene.towards_the_next(), {Goal::Kind::least_likely, {}}};
};

TEST_P(EveryAttack, StaysInTheBallAndInThePixelRangeToTheLastBit) {
  for (const bool independent : {false, true})
    for (const Goal& goal : goals)
      for (const double epsilon : kRadii) {
        const AttackResult r = attack->perform(scene.subject, scene.images(), goal, std::vector{epsilon}, {.independent = independent});
        const auto radius = static_cast<float>(epsilon);
        for (int64_t n = 0; n < scene.x.shape()[0]; ++n) {
          if (!r.attacked[static_cast<size_t>(n)] || r.radius[0][static_cast<size_t>(n)].iterations == 0) continue;
          const std::vector<float> black(static_cast<size_t>(scene.x.shape().inner()));
          const std::span<const float> centre = attack->from_black() ? std::span<const float>(black) : scene.x.row(n), x = r.x.row(n);
          for (size_t i = 0; i < x.size(); ++i) {
            ASSERT_TRUE(!attack->pixels_only() || (x[i] >= 0 && x[i] <= 1));
            ASSERT_TRUE(!attack->in_ball() || std::abs(x[i] - centre[i]) <= radius);
          }
          // Differences of these floats are exact in double.
          ASSERT_TRUE(!attack->in_ball() || distance(x, centre, attack->norm()) <= static_cast<double>(radius));
        }
      }
}

TEST_P(EveryAttack, WithinNothingLeavesTheImageAsItIs) {
  for (const bool independent : {false, true}) {
    const AttackResult r = attack->perform(scene.subject, scene.images(), {}, std::vector{0.0}, {.independent = independent});
    EXPECT_EQ(max_difference(r.x, scene.x), 0);
    for (size_t n = 0; n < r.clean.size(); ++n) {
      EXPECT_EQ(r.radius[0][n].exact.correct, r.clean[n].correct);
      EXPECT_EQ(r.radius[0][n].png.correct, r.clean[n].correct);
      EXPECT_EQ(r.radius[0][n].exact.confidence, r.clean[n].confidence);
    }
  }
}

TEST_P(EveryAttack, FindsTheSameWhateverTheOrderAndTheBatch) {
  const AttackSettings settings{.seed = 9};
  const AttackResult straight = attack->perform(scene.subject, scene.images(), {}, kRadii, settings);
  for (const int64_t batch : {1, 5, 64}) {
    const Scene same(batch);
    Scene turned(batch);
    const int64_t count = same.x.shape()[0];
    for (int64_t n = 0; n < count; ++n) {
      std::copy_n(same.x.row(count - 1 - n).begin(), same.x.shape().inner(), turned.x.row(n).begin());
      turned.labels[static_cast<size_t>(n)] = same.labels[static_cast<size_t>(count - 1 - n)];
      turned.numbers[static_cast<size_t>(n)] = same.numbers[static_cast<size_t>(count - 1 - n)];
    }
    const AttackResult r = attack->perform(turned.subject, turned.images(), {}, kRadii, settings);
    for (int64_t n = 0; n < count; ++n) {
      ASSERT_TRUE(std::ranges::equal(r.x.row(n), straight.x.row(count - 1 - n))) << batch << " " << n;
      for (size_t e = 0; e < kRadii.size(); ++e)
        ASSERT_EQ(r.radius[e][static_cast<size_t>(n)].iterations, straight.radius[e][static_cast<size_t>(count - 1 - n)].iterations);
    }
  }
}

TEST_P(EveryAttack, FindsTheSameWhereASmallBatchTakesTheRest) {
  const AttackResult plain = attack->perform(scene.subject, scene.images(), {}, kRadii);
  LinearInBatches large({2, 6, 5}, 7, 8), small({2, 6, 5}, 7, 1);
  TailSubject subject(large, small);
  const AttackResult r = attack->perform(subject, scene.images(), {}, kRadii);
  EXPECT_EQ(max_difference(r.x, plain.x), 0);
  EXPECT_EQ(r.slopes, plain.slopes);
}

TEST_P(EveryAttack, ReachesNoLessWithinMore) {
  for (const Goal& goal : goals) {
    const AttackResult r = attack->perform(scene.subject, scene.images(), goal, kRadii);
    for (size_t e = 1; e < r.epsilons.size(); ++e)
      for (size_t n = 0; n < r.clean.size(); ++n) {
        EXPECT_LE(r.radius[e][n].exact.correct, r.radius[e - 1][n].exact.correct);
        EXPECT_GE(r.radius[e][n].exact.success, r.radius[e - 1][n].exact.success);
      }
  }
}

TEST_P(EveryAttack, SaysWhatItsPicturesReach) {
  for (const bool independent : {false, true}) {
    const AttackResult r =
        attack->perform(scene.subject, scene.images(), scene.towards_the_next(), std::vector{0.02, 0.1}, {.independent = independent});
    const std::vector<int64_t> classes = predicted(scene.subject, r.x);
    Tensor png = r.x;
    round_to_levels(png.span());
    const std::vector<int64_t> classes_of_png = predicted(scene.subject, png);
    for (size_t n = 0; n < classes.size(); ++n) {
      const Outcome& o = r.radius.back()[n];
      EXPECT_EQ(o.exact.predicted, classes[n]);
      EXPECT_EQ(o.png.predicted, classes_of_png[n]);
      EXPECT_EQ(o.exact.correct, classes[n] == scene.labels[n]);
      if (r.attacked[n]) {
        EXPECT_EQ(o.exact.success, classes[n] == r.targets[n] && o.exact.confidence >= attack->usual_confidence());
      }
      const std::vector<float> black(static_cast<size_t>(scene.x.shape().inner()));
      const bool from_black = attack->from_black() && r.attacked[n];
      EXPECT_EQ(o.linf, linf_distance(r.x.row(static_cast<int64_t>(n)),
                                      from_black ? std::span<const float>(black) : scene.x.row(static_cast<int64_t>(n))));
    }
  }
}

TEST_P(EveryAttack, LeavesWrongImagesAloneUnlessTheyAreIndependent) {
  const AttackResult r = attack->perform(scene.subject, scene.images(), {}, std::vector{0.1});
  const AttackResult all = attack->perform(scene.subject, scene.images(), {}, std::vector{0.1}, {.independent = true});
  for (size_t n = 0; n < r.clean.size(); ++n) {
    EXPECT_EQ(r.attacked[n], r.clean[n].correct);
    EXPECT_TRUE(all.attacked[n]);
    if (!r.attacked[n]) {
      EXPECT_TRUE(std::ranges::equal(r.x.row(static_cast<int64_t>(n)), scene.x.row(static_cast<int64_t>(n))));
    }
  }
}

TEST_P(EveryAttack, FindsAsMuchHoweverSureTheNetworkIs) {
  // Of two classes the way from one to the other is the same whatever the factor of the logits; a power of two rounds nothing.
  const std::vector<double> radii{1.0 / 255, 8.0 / 255, 0.1};
  if (GetParam().starts_with("apgd-dlr") || GetParam().starts_with("apgd-t")) {
    LinearSubject subject({2, 6, 5}, 2, 3);
    EXPECT_THROW_SAYING(attack->perform(subject, {scene.x, predicted(subject, scene.x), {}}, {}, radii), "2 classes; at least");
    return;
  }
  for (const bool independent : {false, true}) {
    std::vector<AttackResult> results;
    for (const float factor : {1.0f, 0x1p10f, 0x1p20f}) {
      LinearSubject subject({2, 6, 5}, 2, 3, factor);
      results.push_back(
          attack->perform(subject, {scene.x, predicted(subject, scene.x), {}}, {}, radii, {.confidence = 0.0, .independent = independent}));
      EXPECT_EQ(std::count(results.back().flat.begin(), results.back().flat.end(), 1), 0) << factor;
    }
    for (size_t e = 0; e < radii.size(); ++e)
      for (size_t n = 0; n < results[0].clean.size(); ++n)
        for (const AttackResult& r : results) {
          const Outcome &a = results[0].radius[e][n], &b = r.radius[e][n];
          ASSERT_EQ(a.exact.correct, b.exact.correct) << radii[e] << " " << n;
          // What weighs the length of the change against logits takes other ways.
          if (!GetParam().starts_with("cw") && !GetParam().starts_with("ead")) {
            ASSERT_EQ(a.iterations, b.iterations);
          }
        }
  }
}

/** A network whose slopes are lost. */
class FlatSubject : public LinearSubject {
 public:
  FlatSubject() : LinearSubject({2, 6, 5}, 7) {}
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override {
    Slope all = LinearSubject::slope(x, objective, targets);
    fill(all.gradient, 0);
    return all;
  }
};

TEST(Attacks, CountImagesWhoseSlopeIsZero) {
  FlatSubject subject;
  const Scene s;
  const AttackResult r = attacks().make("fgsm")->perform(subject, s.images(), {}, std::vector{8.0 / 255});
  EXPECT_EQ(r.flat, r.attacked);
}

TEST_P(EveryAttack, EndsWhenItIsAskedTo) {
  EXPECT_THROW(attack->perform(scene.subject, scene.images(), {}, std::vector{0.1}, {.stop = [] { return true; }}), AttackStopped);
}

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds = attacks().names();
  for (std::string& kind : kinds) {
    if (kind == "pgd") kind += ",steps=12";
    if (kind == "descent") kind += ",iterations=40";
    if (kind == "cw") kind += ",steps=40,searches=4";
    if (kind.starts_with("apgd")) kind += ",steps=10";
    if (kind.starts_with("fab")) kind += ",steps=6";
    if (kind == "square") kind += ",queries=200";
    if (kind == "ead") kind += ",steps=40,searches=4";
    if (kind == "hopskipjump") kind += ",queries=250,first=30";
    if (kind == "spatial") kind += ",angles=5,shifts=3";
  }
  kinds.insert(kinds.end(), {"pgd,norm=l2,steps=20",
                             "pgd,random_start=true,restarts=3,steps=8",
                             "pgd,norm=l2,restarts=2,steps=8",
                             "normed-gradient,norm=l2",
                             "gradient-image,picture=normed",
                             "fgsm,unclipped=true",
                             "apgd-ce,norm=l2,steps=12,restarts=2",
                             "apgd-t,targets=3,steps=10",
                             "fab-t,norm=l2,targets=2,steps=8",
                             "fab,norm=l2,steps=5,restarts=2",
                             "square,norm=l2,queries=100",
                             "pgd,norm=l1,steps=20,restarts=2",
                             "apgd-ce,norm=l1,steps=12,restarts=2",
                             "apgd-t,norm=l1,targets=3,steps=10",
                             "fab,norm=l1,steps=6,restarts=2",
                             "square,norm=l1,queries=100",
                             "hopskipjump,norm=linf,queries=200,first=30",
                             "spatial,random=8",
                             "pgd,eot=3,steps=5",
                             "apgd-ce,eot=2,steps=5"});
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryAttack, ::testing::ValuesIn(all_kinds()), [](const auto& test) {
  std::string name = test.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

/** Share of images that are still right. */
double accuracy(const AttackResult& r, size_t e = 0) {
  int64_t right = 0;
  for (const Outcome& o : r.radius[e]) right += o.exact.correct;
  return static_cast<double>(right) / static_cast<double>(r.radius[e].size());
}

TEST(FgsmAttack, IsItsFormula) {
  Scene s;
  const float epsilon = 0.03f;
  const AttackResult r =
      attacks().make("fgsm")->perform(s.subject, s.images(), {}, std::vector{static_cast<double>(epsilon)}, {.independent = true});
  for (int64_t n = 0; n < s.x.shape()[0]; ++n) {
    // Slope of −log softmax of the label, by hand.
    const Tensor p = softmax(s.subject.logits(Tensor({1, 2, 6, 5}, s.x.row(n))));
    const int64_t label = s.labels[static_cast<size_t>(n)];
    for (size_t i = 0; i < s.x.row(n).size(); ++i) {
      double slope = -s.subject.weight().row(label)[i];
      for (int64_t y = 0; y < 7; ++y) slope += static_cast<double>(p[y]) * s.subject.weight().row(y)[i];
      if (std::abs(slope) < 1e-5) continue;
      const float wanted = std::clamp(s.x.row(n)[i] + (slope > 0 ? epsilon : -epsilon), 0.0f, 1.0f);
      EXPECT_NEAR(r.x.row(n)[i], wanted, 1e-7);
    }
  }
}

TEST(FgsmAttack, ThatIsNotCutTakesItsWholeStepBeyondTheRangeOfPixels) {
  Scene s;
  for (int64_t i = 0; i < s.x.size(); i += 2) s.x[i] = 1;
  const auto made = [&](const char* which) {
    return attacks().make(parse_choice(which))->perform(s.subject, s.images(), {}, std::vector{0.25}, {.independent = true}).x;
  };
  const Tensor cut = made("fgsm"), whole = made("fgsm,unclipped=true");
  int64_t beyond = 0;
  for (int64_t i = 0; i < s.x.size(); ++i) {
    EXPECT_NEAR(std::abs(whole[i] - s.x[i]), 0.25f, 1e-6f);
    EXPECT_EQ(cut[i], std::clamp(whole[i], 0.0f, 1.0f));
    beyond += whole[i] > 1;
  }
  EXPECT_GT(beyond, 0);
}

TEST(FgsmAttack, OfALinearNetworkNeedsNoMoreThanOneStep) {
  // Towards a class the slope of a margin of two classes has the same signs everywhere, so that iterating finds no more.
  LinearSubject subject({1, 5, 5}, 2);
  Tensor x({12, 1, 5, 5});
  const RandomStream random(8, "two classes");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = 0.3f + 0.4f * random.uniform(static_cast<uint64_t>(i));
  const std::vector<int64_t> labels = predicted(subject, x);
  const AttackSettings settings{.independent = true};
  const auto one = attacks().make("fgsm")->perform(subject, {x, labels, {}}, {}, std::vector{0.05}, settings);
  const auto many = attacks().make("pgd")->perform(subject, {x, labels, {}}, {}, std::vector{0.05}, settings);
  EXPECT_LT(max_difference(one.x, many.x), 1e-6);
}

TEST(Attacks, LowerTheAccuracyMoreThanNoiseDoes) {
  Scene s;
  const std::vector<double> radii{8.0 / 255};
  const double noise = accuracy(attacks().make("noise")->perform(s.subject, s.images(), {}, radii));
  for (const char* name : {"fgsm", "ifgsm", "pgd", "mifgsm"})
    EXPECT_LT(accuracy(attacks().make(name)->perform(s.subject, s.images(), {}, radii)), noise) << name;
}

/** Counts images for which it is asked, as its programs see them: whole batches. */
class CountedInBatches : public LinearInBatches {
 public:
  using LinearInBatches::LinearInBatches;
  /** A slope asks for it too. */
  Tensor table(const Tensor& x, const Objective& objective) override {
    computed += (x.shape()[0] + batch() - 1) / batch() * batch();
    return LinearInBatches::table(x, objective);
  }
  int64_t computed = 0;
};

TEST(TailSubjects, ComputeLessThanWholeBatchesForAFewImages) {
  Scene s;
  CountedInBatches large({2, 6, 5}, 7, 64), small({2, 6, 5}, 7, 8), alone({2, 6, 5}, 7, 64);
  TailSubject subject(large, small);
  const auto attack = attacks().make(parse_choice("pgd,steps=40"));
  attack->perform(subject, s.images(), {}, kRadii);
  attack->perform(alone, s.images(), {}, kRadii);
  EXPECT_EQ(large.computed, 0);
  EXPECT_LT(3 * small.computed, alone.computed);
}

TEST(TailSubjects, GiveFullBatchesToTheLargeOne) {
  CountedInBatches large({2, 6, 5}, 7, 4), small({2, 6, 5}, 7, 1);
  TailSubject subject(large, small);
  const Scene s;
  const std::vector<int64_t> targets(9, 2);
  const Tensor x({9, 2, 6, 5}, s.x.span().first(9 * 60));
  const Slope both = subject.slope(x, {.of = Objective::Of::loss}, targets);
  EXPECT_EQ(large.computed, 8);
  EXPECT_EQ(small.computed, 1);
  const Slope one = large.slope(x, {.of = Objective::Of::loss}, targets);
  EXPECT_EQ(max_difference(both.gradient, one.gradient), 0);
  EXPECT_EQ(max_difference(both.table, one.table), 0);
  EXPECT_EQ(both.value, one.value);
}

TEST(LeastLikelyGoals, CostNoAnswersMoreThanOthers) {
  CountedInBatches plain({2, 6, 5}, 7, 4), least({2, 6, 5}, 7, 4);
  const Scene s;
  const auto attack = attacks().make("noise");
  attack->perform(plain, s.images(), s.towards_the_next(), std::vector{0.0});
  attack->perform(least, s.images(), {Goal::Kind::least_likely, {}}, std::vector{0.0});
  EXPECT_EQ(least.computed, plain.computed);
}

TEST(IndependentAttacks, WithinNothingGiveTheCleanAccuracy) {
  Scene s;
  const AttackResult r = attacks().make("pgd")->perform(s.subject, s.images(), {}, std::vector{0.0, 0.1}, {.independent = true});
  const auto right = std::count(r.attacked.begin(), r.attacked.end(), 1);
  EXPECT_EQ(right, 12);
  EXPECT_EQ(accuracy(r), 9.0 / 12);
  EXPECT_LT(accuracy(r, 1), accuracy(r));
}

TEST(IndependentAttacks, TakeAllSteps) {
  Scene s;
  const AttackResult r =
      attacks().make(parse_choice("pgd,steps=7"))->perform(s.subject, s.images(), {}, std::vector{0.01, 0.1}, {.independent = true});
  for (const auto& at : r.radius)
    for (const Outcome& o : at) EXPECT_EQ(o.iterations, 7);
}

TEST(Sweeps, CostLessThanHalfOfWhatTheirRadiiCostEachForItself) {
  Scene s(8, 24);
  const auto attack = attacks().make(parse_choice("pgd,steps=20"));
  std::vector<double> radii;
  for (int i = 1; i <= 8; ++i) radii.push_back(i * 8 / 255.0);
  const int64_t sweep = attack->perform(s.subject, s.images(), {}, radii).slopes;
  const int64_t each = attack->perform(s.subject, s.images(), {}, radii, {.independent = true}).slopes;
  EXPECT_LE(2 * sweep, each);
}

TEST(DescentAttack, ReachesItsConfidence) {
  Scene s;
  const auto attack = attacks().make(parse_choice("descent,confidence=0.3,iterations=150"));
  for (const Goal& goal : {Goal{}, s.towards_the_next()}) {
    const AttackResult r = attack->perform(s.subject, s.images(), goal, std::vector{1.0});
    int64_t reached = 0, attacked = 0;
    for (size_t n = 0; n < r.clean.size(); ++n) {
      if (!r.attacked[n]) continue;
      const Outcome& o = r.radius[0][n];
      ++attacked;
      reached += o.exact.success && o.png.success;
      if (o.exact.success) {
        EXPECT_GE(o.exact.confidence, 0.3);
      }
    }
    EXPECT_GE(2 * reached, attacked);  // a linear network is not sure of every class anywhere
  }
  const AttackResult less = attack->perform(s.subject, s.images(), {}, std::vector{1.0}, {.confidence = 0.22});
  const AttackResult more = attack->perform(s.subject, s.images(), {}, std::vector{1.0});
  EXPECT_LT(less.slopes, more.slopes);
}

TEST(Attacks, SayWhatIsWrong) {
  Scene s;
  const auto attack = attacks().make("pgd");
  const auto with = [&](double epsilon, const Goal& goal = {}) { attack->perform(s.subject, s.images(), goal, std::vector{epsilon}); };
  EXPECT_THROW_SAYING(with(-0.1), "epsilon -0.1: 0 to 1 was wanted");
  EXPECT_THROW_SAYING(with(std::nan("")), "epsilon nan");
  EXPECT_THROW_SAYING(with(1.5), "epsilon 1.5");
  EXPECT_THROW_SAYING(attack->perform(s.subject, s.images(), {}, {}), "wants an epsilon");
  Goal own{Goal::Kind::targeted, s.labels};
  EXPECT_THROW_SAYING(with(0.1, own), "is its true class");
  own.targets[0] = 7;
  EXPECT_THROW_SAYING(with(0.1, own), "target 7: the network has classes 0 to 6");
  EXPECT_THROW_SAYING(attack->perform(s.subject, s.images(), {}, std::vector{0.1}, {.confidence = 1.2}), "confidence 1.2");
  Scene bright;
  bright.x[61] = 1.5f;
  EXPECT_THROW_SAYING(attack->perform(bright.subject, bright.images(), {}, std::vector{0.1}), "image 101 has a pixel of 1.5");
  Scene unknown;
  unknown.labels[3] = 7;
  EXPECT_THROW_SAYING(attack->perform(unknown.subject, unknown.images(), {}, std::vector{0.1}), "label 7");
  unknown.labels.pop_back();
  EXPECT_THROW_SAYING(attack->perform(unknown.subject, unknown.images(), {}, std::vector{0.1}), "11 labels for 12 images");
  Scene wrong;
  for (int64_t& label : wrong.labels) label = 0;
  const std::vector<int64_t> says = predicted(wrong.subject, wrong.x);
  for (size_t n = 0; n < says.size(); ++n) wrong.labels[n] = (says[n] + 1) % 7;
  EXPECT_THROW_SAYING(attack->perform(wrong.subject, wrong.images(), {}, std::vector{0.1}), "no image to start from");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("pgd,norm=l3")), "no norm 'l3'");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("pgd,steps=0")), "0 steps");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("gradient-image,picture=x")), "no picture 'x'");
}

TEST(TheGradientImage, IsTheSignsOfTheSlopeWithThoseBelowZeroUnlessTheyAreCut) {
  for (const bool cut : {false, true}) {
    const auto attack = attacks().make(parse_choice(cut ? "gradient-image,negatives=cut" : "gradient-image"));
    Scene same;
    const AttackResult r = attack->perform(same.subject, same.images(), {}, std::vector{0.01}, {.independent = true});
    const Tensor slope = same.subject.slope(same.x, {.of = Objective::Of::loss}, same.labels).gradient;
    for (int64_t i = 0; i < r.x.size(); ++i) {
      const float sign = static_cast<float>((slope[i] > 0) - (slope[i] < 0)), wanted = 0.01f * sign;
      ASSERT_FLOAT_EQ(r.x[i], cut ? std::max(0.0f, wanted) : wanted);
    }
    // What a file holds of it is judged beside it, and has no numbers below 0.
    Tensor levels = r.x;
    round_to_levels(levels.span());
    const std::vector<int64_t> of_file = predicted(same.subject, levels);
    for (size_t n = 0; n < of_file.size(); ++n) EXPECT_EQ(r.radius.back()[n].png.predicted, of_file[n]);
  }
  EXPECT_THROW_SAYING((void)attacks().make(parse_choice("gradient-image,negatives=kept")), "did you mean 'keep'");
}

}  // namespace
}  // namespace convscope
