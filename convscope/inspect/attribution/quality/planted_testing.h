#pragma once

/** A network whose answer hangs on a planted patch alone, and pictures that have one. Not installed. */

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/inspect/attribution/attribution.h"

namespace convscope::testing_subject {

/** Two classes of [1, 16, 16]: the second one's logit is 30 (mean of rows and columns 9 to 12 − 0.65), the first one's 0. */
class PlantedSubject : public Subject {
 public:
  static constexpr int64_t kSide = 16, kFirst = 9, kPatch = 4;

  explicit PlantedSubject(float factor = 30) : factor_(factor) {}
  Shape image() const override { return {1, kSide, kSide}; }
  int64_t classes() const override { return 2; }
  int64_t batch() const override { return 32; }
  Passes passes() const override { return passes_; }
  Shape shape(const std::string&) const override { return {2}; }
  Tensor activation(const Tensor& x, const std::string&) override { return scores(x); }
  Tensor table(const Tensor& x, const Objective& objective) override {
    passes_.forward += x.shape()[0];
    return objective.of == Objective::Of::softmax ? softmax(scores(x)) : scores(x);
  }
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override {
    Slope slope{Tensor(x.shape()), {}, table(x, objective)};
    slope.value = values(slope.table, objective, targets);
    passes_.backward += x.shape()[0];
    for (int64_t n = 0; n < x.shape()[0]; ++n)
      if (targets[static_cast<size_t>(n)] == 1)
        each_planted([&](int64_t i) { slope.gradient.row(n)[static_cast<size_t>(i)] = factor_ / (kPatch * kPatch); });
    return slope;
  }

  template <typename Deed>
  static void each_planted(Deed&& deed) {
    for (int64_t i = kFirst; i < kFirst + kPatch; ++i)
      for (int64_t j = kFirst; j < kFirst + kPatch; ++j) deed(i * kSide + j);
  }
  /** Noise from 0 to 0.2 with a white patch. */
  static Tensor pictures(int64_t count) {
    Tensor x({count, 1, kSide, kSide});
    const RandomStream random(3, "planted pictures");
    for (int64_t i = 0; i < x.size(); ++i) x[i] = 0.2f * random.uniform(static_cast<uint64_t>(i));
    for (int64_t n = 0; n < count; ++n) each_planted([&](int64_t i) { x.row(n)[static_cast<size_t>(i)] = 1; });
    return x;
  }

 private:
  Tensor scores(const Tensor& x) const {
    Tensor all({x.shape()[0], 2});
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      double sum = 0;
      each_planted([&](int64_t i) { sum += x.row(n)[static_cast<size_t>(i)]; });
      all[2 * n + 1] = static_cast<float>(factor_ * (sum / (kPatch * kPatch) - 0.65));
    }
    return all;
  }

  float factor_;
  Passes passes_;
};

}  // namespace convscope::testing_subject
