#pragma once

/** A subject whose slopes are known: logits = A x + b. Not installed. */

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/graph/ops/attack_loss.h"
#include "convscope/subject/subject.h"

namespace convscope::testing_subject {

class LinearSubject : public Subject {
 public:
  /** All logits times `factor`: of a network that is surer the larger it is. */
  LinearSubject(Shape image, int64_t classes, uint64_t seed = 1, float factor = 1)
      : image_(image), weight_({classes, image.size()}), bias_({classes}) {
    const RandomStream random(seed, "linear subject");
    for (int64_t i = 0; i < weight_.size(); ++i)
      weight_[i] = factor * random.normal(static_cast<uint64_t>(i)) / std::sqrt(static_cast<float>(image.size()));
    for (int64_t y = 0; y < classes; ++y) bias_[y] = factor * random.normal(static_cast<uint64_t>(y), 1);
  }

  Shape image() const override { return image_; }
  int64_t classes() const override { return bias_.size(); }
  int64_t batch() const override { return 4; }
  Tensor table(const Tensor& x, const Objective& objective) override {
    const Tensor answers = scores(x);
    return objective.of == Objective::Of::softmax ? softmax(answers) : answers;
  }
  Tensor scores(const Tensor& x) {
    Tensor out({x.shape()[0], classes()});
    for (int64_t n = 0; n < x.shape()[0]; ++n)
      for (int64_t y = 0; y < classes(); ++y) {
        const float *w = weight_.row(y).data(), *pixel = x.row(n).data();
        double sum = bias_[y];
        for (int64_t i = 0, size = image_.size(); i < size; ++i) sum += static_cast<double>(w[i]) * pixel[i];
        out[n * classes() + y] = static_cast<float>(sum);
      }
    return out;
  }
  /** Its one node is called logits. */
  Tensor activation(const Tensor& x, const std::string& node) override {
    require(node == "logits", "no node '{}'", node);
    return scores(x);
  }
  Shape shape(const std::string&) const override { return {classes()}; }
  Slope slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) override {
    const Tensor answers = scores(x);
    const Tensor p = softmax(answers);
    const std::string_view climbed = attack_loss_name(objective);
    Tensor numbers = table(x, objective);
    Slope out{Tensor(x.shape()), values(numbers, objective, targets), std::move(numbers)};
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      const int64_t t = targets[static_cast<size_t>(n)];
      std::vector<double> climb;
      if (!climbed.empty()) climb = attack_loss_slope(climbed, answers.row(n), classes_of(climbed, t, classes()));
      for (int64_t y = 0; y < classes(); ++y) {
        const float py = p[n * classes() + y], own = y == t ? 1.0f : 0.0f;
        float down = own;
        if (objective.of == Objective::Of::loss) down = py - own;
        if (!climbed.empty()) down = static_cast<float>(climb[static_cast<size_t>(y)]);
        if (objective.of == Objective::Of::softmax) down = p[n * classes() + t] * (own - py);
        const float* w = weight_.row(y).data();
        float* g = out.gradient.row(n).data();
        for (int64_t i = 0, size = image_.size(); i < size; ++i) g[i] += down * w[i];
      }
    }
    return out;
  }
  const Tensor& weight() const { return weight_; }  // [Y, C H W]

 private:
  Shape image_;
  Tensor weight_, bias_;
};

}  // namespace convscope::testing_subject
