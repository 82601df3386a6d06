/** What is known of single members: closed forms, and who finds more than whom. */

#include <algorithm>
#include <cmath>

#include "convscope/attack/attack.h"
#include "convscope/attack/spatial.h"
#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/graph/ops/attack_loss.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;

/** Images in the middle of the pixel range, each taken for what it is. */
struct Scene {
  LinearSubject subject;
  Tensor x;
  std::vector<int64_t> labels;

  explicit Scene(int64_t classes, Shape image = {2, 6, 5}) : subject(image, classes, 4), x({16, image[0], image[1], image[2]}) {
    const RandomStream random(11, "strong attacks");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = 0.3f + 0.4f * random.uniform(static_cast<uint64_t>(i));
    labels = predicted(subject, x);
  }
  AttackedImages images() const { return {x, labels, {}}; }
  AttackResult by(const std::string& attack, const std::vector<double>& epsilons, const AttackSettings& settings = {}) {
    return attacks().make(parse_choice(attack))->perform(subject, images(), {}, epsilons, settings);
  }
  /** How far the boundary to the nearest class is where the box does not matter: |f| / |w|, by the dual norm; in l1, where it always
   * matters, pixels of the largest |w| go to its walls. */
  double distance(int64_t n, Norm norm) {
    const Tensor z = subject.logits(Tensor({1, x.shape()[1], x.shape()[2], x.shape()[3]}, x.row(n)));
    const int64_t own = labels[static_cast<size_t>(n)];
    double least = HUGE_VAL;
    for (int64_t y = 0; y < z.size(); ++y) {
      if (y == own) continue;
      double size = 0;
      std::vector<std::pair<double, double>> pixels;  // |w|, and the room that there is against it
      for (int64_t i = 0; i < x.shape().inner(); ++i) {
        const double w =
            static_cast<double>(subject.weight().row(y)[static_cast<size_t>(i)]) - subject.weight().row(own)[static_cast<size_t>(i)];
        size += norm == Norm::linf ? std::abs(w) : w * w;
        const double pixel = x.row(n)[static_cast<size_t>(i)];
        pixels.emplace_back(std::abs(w), w > 0 ? 1 - pixel : pixel);
      }
      const double f = static_cast<double>(z[own]) - z[y];
      if (norm != Norm::l1) {
        least = std::min(least, f / (norm == Norm::l2 ? std::sqrt(size) : size));
        continue;
      }
      std::sort(pixels.rbegin(), pixels.rend());
      double left = f, way = 0;
      for (const auto& [w, room] : pixels) {
        const double by = std::min(room, left / w);
        left -= by * w;
        way += by;
        if (left <= 0) break;
      }
      least = std::min(least, way);
    }
    return least;
  }
  /** Of images whose nearest adversary is well within the pixel range. */
  std::vector<int64_t> inside(Norm norm) {
    std::vector<int64_t> rows;
    for (int64_t n = 0; n < x.shape()[0]; ++n)
      if (distance(n, norm) < (norm == Norm::linf ? 0.15 : norm == Norm::l2 ? 0.8 : 5)) rows.push_back(n);
    return rows;
  }
};

TEST(NearestAdversaries, OfALinearNetworkAreAsFarAsTheClosedForm) {
  for (const auto& [attack, norm] : {std::pair{"deepfool", Norm::l2},
                                     {"fab-t,norm=l2", Norm::l2},
                                     {"fab-t", Norm::linf},
                                     {"fab", Norm::linf},
                                     {"fab-t,norm=l1", Norm::l1}}) {
    Scene scene(5);
    const AttackResult r = scene.by(attack, {norm == Norm::linf ? 1.0 : 7.0});
    const std::vector<int64_t> rows = scene.inside(norm);
    ASSERT_GT(rows.size(), 5u);
    for (const int64_t n : rows) {
      const double closed = scene.distance(n, norm);
      EXPECT_NEAR(r.nearest[static_cast<size_t>(n)], closed, 0.01 * closed) << attack << " " << n;
    }
  }
}

TEST(NearestAdversaries, OfCarliniAndWagnerAreNoFartherThanThoseOfDeepFool) {
  Scene scene(5);
  const AttackResult cw = scene.by("cw", {7.0}), deepfool = scene.by("deepfool", {7.0});
  double a = 0, b = 0;
  for (size_t n = 0; n < scene.labels.size(); ++n) {
    ASSERT_TRUE(std::isfinite(cw.nearest[n]));
    a += cw.nearest[n];
    b += deepfool.nearest[n];
  }
  EXPECT_LT(a, 1.01 * b);
}

TEST(NearestAdversaries, OfTheElasticNetAreNearerInL1WhereSumsWeighMore) {
  Scene scene(5);
  const AttackResult l2 = scene.by("ead,steps=300,beta=0", {60.0}), l1 = scene.by("ead,steps=300,beta=0.01", {60.0}),
                     least = scene.by("fab-t,norm=l1", {60.0});
  double far = 0, near = 0, nearest = 0;
  for (size_t n = 0; n < scene.labels.size(); ++n) {
    ASSERT_TRUE(std::isfinite(l2.nearest[n]) && std::isfinite(l1.nearest[n]) && std::isfinite(least.nearest[n]));
    EXPECT_GE(l1.nearest[n], 0.99 * least.nearest[n]) << n;
    far += l2.nearest[n];
    near += l1.nearest[n];
    nearest += least.nearest[n];
  }
  EXPECT_LT(near, far);
  EXPECT_LT(near, 3 * nearest);
}

TEST(NearestAdversaries, OfDecisionsAloneComeNearTheClosedForm) {
  for (const auto& [attack, norm] : {std::pair{"hopskipjump,queries=4000", Norm::l2}, {"hopskipjump,norm=linf,queries=4000", Norm::linf}}) {
    Scene scene(5);
    const AttackResult r = scene.by(attack, {norm == Norm::linf ? 1.0 : 7.0});
    EXPECT_EQ(r.slopes, 0);
    int64_t found = 0;
    double ours = 0, least = 0;
    for (const int64_t n : scene.inside(norm)) {
      if (!std::isfinite(r.nearest[static_cast<size_t>(n)])) continue;
      ++found;
      EXPECT_GE(r.nearest[static_cast<size_t>(n)], 0.99 * scene.distance(n, norm));
      ours += r.nearest[static_cast<size_t>(n)];
      least += scene.distance(n, norm);
    }
    EXPECT_GT(found, 5) << attack;
    EXPECT_LT(ours, (norm == Norm::l2 ? 1.2 : 2) * least) << attack;
  }
}

TEST(NearestAdversaries, CountWithinEachRadiusThatIsAsLong) {
  Scene scene(5);
  const std::vector<double> radii{0.01, 0.03, 0.1, 1};
  const AttackResult r = scene.by("fab-t", radii);
  for (size_t e = 0; e < radii.size(); ++e)
    for (size_t n = 0; n < scene.labels.size(); ++n)
      EXPECT_EQ(r.radius[e][n].exact.success, r.nearest[n] <= static_cast<double>(static_cast<float>(radii[e])));
}

TEST(Apgd, ClimbsAsHighAsPgd) {
  Scene scene(7);
  const auto height = [&](const AttackResult& r, int64_t n) {
    const Tensor z = scene.subject.logits(Tensor({1, 2, 6, 5}, r.x.row(n)));
    const int64_t own = scene.labels[static_cast<size_t>(n)];
    return attack_loss("log-odds", z.row(0), {own, own});
  };
  for (const char* norm : {"linf", "l2", "l1"}) {
    const std::vector<double> epsilon{norm == std::string("linf") ? 0.02 : 0.1};
    // PGD's sparse steps are those of a linear network's nearest corner; APGD's become as sparse by and by.
    const double slack = norm == std::string("l1") ? 0.01 : 1e-4;
    const AttackResult apgd = scene.by(fmt::format("apgd-ce,norm={}", norm), epsilon, {.independent = true});
    const AttackResult pgd = scene.by(fmt::format("pgd,norm={}", norm), epsilon, {.independent = true});
    for (int64_t n = 0; n < 16; ++n) EXPECT_GE(height(apgd, n), height(pgd, n) - slack) << norm << " " << n;
  }
}

TEST(Square, WantsNoSlopes) {
  Scene scene(5);
  for (const auto& [attack, epsilon] :
       {std::pair{"square,queries=400", 0.1}, {"square,norm=l2,queries=400", 1.0}, {"square,norm=l1,queries=400", 4.0}}) {
    const AttackResult r = scene.by(attack, {epsilon});
    EXPECT_EQ(r.slopes, 0);
    EXPECT_GT(r.looks, 100);
    int64_t fooled = 0;
    for (const Outcome& o : r.radius[0]) fooled += o.exact.success;
    EXPECT_GT(fooled, 8) << attack;
  }
}

/** Remembers what it was asked about. */
struct Listening : LinearSubject {
  using LinearSubject::LinearSubject;
  Tensor table(const Tensor& x, const Objective& objective) override {
    asked.push_back(x);
    return LinearSubject::table(x, objective);
  }
  std::vector<Tensor> asked;
};

TEST(Square, SharesWindowsThatLeaveTheLastRowOutOnlyAsTheReferenceDoes) {
  const std::vector<float> pixels(240, 0.5f);
  const Tensor grey({4, 2, 6, 5}, pixels);
  for (const bool as_reference : {true, false}) {
    Listening subject({2, 6, 5}, 5, 4);
    const std::vector<int64_t> labels(4, predicted(subject, grey).front());
    subject.asked.clear();
    attacks()
        .make(parse_choice(fmt::format("square,queries=40,as_reference={}", as_reference)))
        ->perform(subject, {grey, labels, {}}, {}, std::vector{1e-4}, {.independent = true});
    std::vector<Tensor> asked;  // of all four images at once: their starts, and each query
    for (const Tensor& x : subject.asked)
      if (x.shape() == grey.shape() && x[0] != 0.5f) asked.push_back(x);
    ASSERT_GT(asked.size(), 30u);
    // The first window covers five of six rows.
    int64_t unlike = 0, below = 0;
    for (int64_t n = 0; n < 4; ++n)
      for (int64_t c = 0; c < 2; ++c) {
        for (int64_t i = 0; i < 25; ++i) unlike += asked[1][n * 60 + c * 30 + i] != asked[1][c * 30 + i];
        for (size_t q = 1; q < 30; ++q)
          for (int64_t i = 25; i < 30; ++i) below += asked[q][n * 60 + c * 30 + i] != asked[0][n * 60 + c * 30 + i];
      }
    EXPECT_EQ(unlike == 0, as_reference);
    EXPECT_EQ(below == 0, as_reference);
  }
}

TEST(NearestAdversaries, AreTheJudgesWhereSlopesAreTakenOfAnother) {
  Scene scene(5);
  LinearSubject coarse({2, 6, 5}, 5, 4, 1.01f);
  for (const char* attack : {"fab-t", "deepfool", "cw,steps=200"}) {
    const AttackResult r = attacks()
                               .make(parse_choice(attack))
                               ->perform(coarse, scene.images(), {}, std::vector{7.0 * (attack[0] != 'f') + 1.0 * (attack[0] == 'f')},
                                         {.judge = &scene.subject});
    for (size_t n = 0; n < scene.labels.size(); ++n) EXPECT_TRUE(std::isfinite(r.nearest[n])) << attack << " " << n;
  }
}

TEST(NearestAdversaries, EndInTheGoal) {
  Scene scene(5);
  Goal goal{Goal::Kind::targeted, {}};
  for (const int64_t label : scene.labels) goal.targets.push_back((label + 2) % 5);
  for (const char* attack : {"fab", "fab-t,norm=l2", "deepfool", "cw,steps=300"}) {
    const bool linf = attack == std::string("fab");
    const AttackResult r =
        attacks().make(parse_choice(attack))->perform(scene.subject, scene.images(), goal, std::vector{linf ? 1.0 : 7.0});
    int64_t there = 0;
    for (size_t n = 0; n < scene.labels.size(); ++n) {
      if (!r.radius[0][n].exact.success) continue;
      ++there;
      EXPECT_EQ(r.radius[0][n].exact.predicted, goal.targets[n]);
    }
    EXPECT_GE(there, attack == std::string("cw,steps=300") ? 14 : 8) << attack;
  }
}

TEST(StrongAttacks, WantMoreThanOneClass) {
  Scene scene(5);
  LinearSubject one({2, 6, 5}, 1, 4);
  const std::vector<int64_t> labels(16, 0);
  for (const char* attack : {"autoattack", "fab,restarts=2", "apgd-ce", "square", "fgsm"})
    EXPECT_THROW_SAYING(attacks().make(parse_choice(attack))->perform(one, {scene.x, labels, {}}, {}, std::vector{0.1}), "one class");
}

TEST(AutoAttack, LeavesNoneOfAnUndefendedNetworkRightWithinMuch) {
  Scene scene(5);
  for (const char* attack : {"autoattack", "autoattack,suite=plus", "autoattack,suite=rand", "autoattack,norm=l1"}) {
    const AttackResult r = scene.by(attack, {attack == std::string("autoattack,norm=l1") ? 15 : 0.3});
    for (const Outcome& o : r.radius[0]) EXPECT_FALSE(o.exact.correct);
    EXPECT_EQ(r.parts.back().right, std::vector<int64_t>{0});
  }
}

TEST(AutoAttack, IsTheWorstOfItsParts) {
  Scene scene(7);
  const std::vector<double> radii{0.01, 0.02};
  const AttackResult all = scene.by("autoattack", radii);
  ASSERT_EQ(all.parts.size(), 4u);
  for (const char* part : {"apgd-ce", "apgd-t", "fab-t", "square,queries=500"}) {
    const AttackResult one = scene.by(part, radii, {.floats_suffice = true});
    for (size_t e = 0; e < radii.size(); ++e)
      for (size_t n = 0; n < scene.labels.size(); ++n)
        EXPECT_GE(all.radius[e][n].exact.success, one.radius[e][n].exact.success) << part << " " << e << " " << n;
  }
  for (size_t part = 1; part < all.parts.size(); ++part)
    for (size_t e = 0; e < radii.size(); ++e) EXPECT_LE(all.parts[part].right[e], all.parts[part - 1].right[e]);
}

TEST(AutoAttack, AsksOfEachImageNoRadiusThatIsDone) {
  // Of two radii of which the larger fools all at once, later parts cost what the smaller one costs alone.
  Scene scene(5);
  const AttackResult both = scene.by("autoattack", {0.005, 1.0}), one = scene.by("autoattack", {0.005});
  EXPECT_EQ(both.parts[0].right[1], 0);
  EXPECT_GT(both.parts[0].right[0], 0);
  for (size_t part = 1; part < 4; ++part) {
    EXPECT_EQ(both.parts[part].slopes, one.parts[part].slopes) << part;
    EXPECT_EQ(both.parts[part].looks, one.parts[part].looks) << part;
  }
}

TEST(AutoAttack, TellsWhatEachFindsByItself) {
  Scene scene(5);
  const std::vector<double> radii{0.01, 0.03};
  const AttackResult all = scene.by("autoattack,individual=true", radii), usual = scene.by("autoattack", radii);
  for (const AttackPart& part : all.parts) {
    const AttackResult one = scene.by(part.attack, radii, {.floats_suffice = true});
    for (size_t e = 0; e < radii.size(); ++e)
      EXPECT_EQ(part.alone[e], std::ranges::count_if(one.radius[e], [](const Outcome& o) { return o.exact.correct; })) << part.attack;
  }
  for (size_t part = 0; part < 4; ++part) EXPECT_EQ(all.parts[part].right, usual.parts[part].right);
  EXPECT_TRUE(usual.parts[0].alone.empty());
}

TEST(AutoAttack, ItsProgressNeverJumpsBack) {
  Scene scene(5);
  int64_t before = 0, all = 0;
  scene.by("autoattack", {0.01}, {.progress = [&](int64_t done, int64_t total) {
             EXPECT_GE(done, before);
             EXPECT_LE(done, total);
             before = done;
             all = total;
           }});
  EXPECT_GT(before, 0);
  EXPECT_EQ(all, 4 * 16);
}

TEST(AutoAttack, LeavesOutWhatFewClassesCannotBeAsked) {
  Scene scene(3);
  const AttackResult r = scene.by("autoattack", {0.05});
  EXPECT_NE(r.parts[1].left_out.find("dlr wants 4 classes; the network has 3"), std::string::npos) << r.parts[1].left_out;
  EXPECT_TRUE(r.parts[0].left_out.empty() && r.parts[2].left_out.empty() && r.parts[3].left_out.empty());
}

TEST(StrongAttacks, SayWhatIsWrong) {
  EXPECT_THROW_SAYING(attacks().make(parse_choice("hopskipjump,norm=l1")), "linf or l2 was wanted");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("spatial,rotation=200")), "rotation 200");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("ead,beta=-1")), "beta");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("apgd-t,targets=0")), "apgd-t: 0 targets");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("fab-t,norm=l3")), "fab-t: no norm 'l3'");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("square,queries=0")), "0 queries");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("autoattack,suite=best")), "no suite 'best'");
  EXPECT_THROW_SAYING(attacks().make(parse_choice("deepfool,candidates=1")), "1 candidates");
}

TEST(MovedImages, AreTurnedAroundTheMiddleAndShifted) {
  const Shape shape{1, 3, 3};
  const std::vector<float> image{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f};
  EXPECT_EQ(moved_image(image, shape, 0, 0, 0), image);
  EXPECT_EQ(moved_image(image, shape, 0, 1, 0), (std::vector<float>{0, 0, 0, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}));
  const std::vector<float> half = moved_image(image, shape, 0, 0, 0.5), turned = moved_image(image, shape, std::acos(0.0), 0, 0);
  EXPECT_NEAR(half[1], 0.15, 1e-6);
  EXPECT_NEAR(half[0], 0.05, 1e-6);  // half of it is black
  const std::vector<float> quarter{0.3f, 0.6f, 0.9f, 0.2f, 0.5f, 0.8f, 0.1f, 0.4f, 0.7f};
  for (size_t i = 0; i < 9; ++i) EXPECT_NEAR(turned[i], quarter[i], 1e-6) << i;
}

TEST(Spatial, TriesEachPlaceWhereNoneFoolsAndTakesTheWorst) {
  Scene scene(5);
  const AttackResult r = scene.by("spatial,angles=3,shifts=3", {0.0, 0.5, 1.0}, {.independent = true});
  EXPECT_EQ(r.slopes, 0);
  for (size_t n = 0; n < scene.labels.size(); ++n) {
    EXPECT_EQ(r.radius[0][n].iterations, 0);
    EXPECT_EQ(r.radius[2][n].iterations, 27);
  }
}

}  // namespace
}  // namespace convscope
