/** Networks whose slopes mislead are found out, honest ones are not. */

#include "convscope/attack/trust.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/subject/linear_testing.h"

namespace convscope {
namespace {

using testing_subject::LinearSubject;

constexpr int64_t kClasses = 5;
const Shape kImage{1, 6, 6};

/** Logits that a slope of 0 hides: what the network sees is rounded first. */
class RoundingSubject : public LinearSubject {
 public:
  RoundingSubject() : LinearSubject(kImage, kClasses, 4) {}
  Tensor table(const Tensor& x, const Objective& objective) override { return LinearSubject::table(rounded(x), objective); }
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override {
    Slope all = LinearSubject::slope(rounded(x), objective, targets);
    fill(all.gradient, 0);
    return all;
  }

 private:
  static Tensor rounded(Tensor x) {
    for (float& v : x.span()) v = std::round(v * 16) / 16;
    return x;
  }
};

/** Random numbers in each answer. */
class RandomSubject : public LinearSubject {
 public:
  RandomSubject() : LinearSubject(kImage, kClasses, 4) {}
  Tensor table(const Tensor& x, const Objective& objective) override {
    Tensor all = LinearSubject::table(x, objective);
    ++calls_;
    const RandomStream random(calls_, "a random layer");
    for (int64_t i = 0; i < all.size(); ++i) all[i] += 0.05f * random.normal(static_cast<uint64_t>(i));
    return all;
  }

 private:
  uint64_t calls_ = 0;
};

/** A network that ends in a softmax. */
class SoftmaxSubject : public LinearSubject {
 public:
  SoftmaxSubject() : LinearSubject(kImage, kClasses, 4) {}
  Tensor table(const Tensor& x, const Objective& objective) override { return softmax(LinearSubject::table(x, objective)); }
};

/** Slopes that point nowhere: of another network. */
class MisleadingSubject : public LinearSubject {
 public:
  MisleadingSubject() : LinearSubject(kImage, kClasses, 4), other_(kImage, kClasses, 99) {}
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override {
    Slope all = LinearSubject::slope(x, objective, targets);
    all.gradient = other_.slope(x, objective, targets).gradient;
    return all;
  }

 private:
  LinearSubject other_;
};

/** Logits that jump from one place to the next. */
class JaggedSubject : public LinearSubject {
 public:
  JaggedSubject() : LinearSubject(kImage, kClasses, 4) {}
  Tensor table(const Tensor& x, const Objective& objective) override {
    Tensor all = LinearSubject::table(x, objective);
    for (int64_t n = 0; n < x.shape()[0]; ++n)
      for (int64_t y = 0; y < classes(); ++y) all[n * classes() + y] += std::sin(3000 * x.row(n)[static_cast<size_t>(y)]);
    return all;
  }
};

TrustReport judged(Subject& subject, const std::string& method = "pgd,steps=10", const std::vector<double>& epsilons = {0.005, 0.02},
                   Subject* twin = nullptr) {
  Tensor x({24, 1, 6, 6});
  const RandomStream random(21, "trusted images");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  const std::vector<int64_t> labels = predicted(subject, x);
  const auto attack = attacks().make(parse_choice(method));
  const AttackedImages images{x, labels, {}};
  const AttackResult r = attack->perform(subject, images, {}, epsilons);
  return judge_robustness(*attack, subject, images, r, {}, {.queries = 300, .steps = 30, .restarts = 2, .draws = 20, .twin = twin});
}

Trust finding(const TrustReport& report, const std::string& name) {
  for (const TrustCheck& check : report.checks)
    if (check.name == name) return check.finding;
  ADD_FAILURE() << "no check " << name;
  return Trust::ok;
}

TEST(Trusts, AnHonestNetworkIsBelieved) {
  LinearSubject subject(kImage, kClasses, 4);
  const TrustReport report = judged(subject);
  for (const TrustCheck& check : report.checks) EXPECT_EQ(check.finding, Trust::ok) << check.name << ": " << check.text;
  EXPECT_EQ(report.verdict, Trust::ok);
  EXPECT_EQ(report.images, 24);
  EXPECT_EQ(judged(subject, "pgd,norm=l2,steps=10", {0.05}).verdict, Trust::ok);
}

TEST(Trusts, ANetworkThatIsVerySureIsBelieved) {
  LinearSubject subject(kImage, kClasses, 4, 1000);
  EXPECT_EQ(judged(subject).verdict, Trust::ok);
}

TEST(Trusts, ARoundingNetworkIsFoundOut) {
  RoundingSubject subject;
  const TrustReport report = judged(subject);
  EXPECT_EQ(report.verdict, Trust::broken);
  EXPECT_EQ(finding(report, "slopes"), Trust::broken);
  EXPECT_EQ(finding(report, "unbounded"), Trust::broken);
}

TEST(Trusts, ARandomNetworkIsFoundOut) {
  RandomSubject subject;
  EXPECT_EQ(finding(judged(subject), "same answer twice"), Trust::broken);
}

TEST(Trusts, ASoftmaxAtTheEndIsFoundOut) {
  SoftmaxSubject subject;
  EXPECT_EQ(finding(judged(subject), "logits"), Trust::doubtful);
}

TEST(Trusts, SlopesOfAnotherNetworkAreFoundOutByTheBlackBox) {
  MisleadingSubject subject;
  const TrustReport report = judged(subject);
  EXPECT_NE(finding(report, "black box"), Trust::ok);
  EXPECT_NE(report.verdict, Trust::ok);
}

TEST(Trusts, AJaggedLossIsFoundOut) {
  JaggedSubject jagged;
  EXPECT_EQ(finding(judged(jagged), "stable"), Trust::doubtful);
  LinearSubject smooth(kImage, kClasses, 4);
  EXPECT_EQ(finding(judged(smooth), "stable"), Trust::ok);
}

TEST(Trusts, SlopesThatMisleadAreFoundOutByATwinWhoseSlopesAreRight) {
  LinearSubject twin(kImage, kClasses, 4), other(kImage, kClasses, 17), honest(kImage, kClasses, 4);
  MisleadingSubject subject;
  EXPECT_NE(finding(judged(subject, "pgd,steps=10", {0.02}, &twin), "transfer"), Trust::ok);
  EXPECT_EQ(finding(judged(honest, "pgd,steps=10", {0.02}, &twin), "transfer"), Trust::ok);
  EXPECT_EQ(finding(judged(honest, "pgd,steps=10", {0.02}, &other), "transfer"), Trust::ok);
}

TEST(Trusts, AreAboutARadiusThatLeavesSomeOfTheImagesRight) {
  LinearSubject subject(kImage, kClasses, 4);
  const TrustReport report = judged(subject, "pgd,steps=10", {0.001, 0.9});
  EXPECT_EQ(report.epsilon, 0.001);
}

TEST(Trusts, AWeakAttackIsFoundOutByMoreSteps) {
  LinearSubject subject(kImage, kClasses, 4);
  const TrustReport report = judged(subject, "pgd,steps=1,alpha=0.0001", {0.05});
  EXPECT_EQ(finding(report, "more steps"), Trust::broken);
  EXPECT_NE(report.verdict, Trust::ok);
}

}  // namespace
}  // namespace convscope
