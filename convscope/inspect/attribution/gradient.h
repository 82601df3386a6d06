#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/** ∂f/∂x; Simonyan et al. 2014, section 3. */
class GradientAttribution : public Attribution {
 public:
  struct Options {
    bool absolute = false;
    void fields(auto&& field) { field("absolute", absolute, "without its sign"); }
  };
  explicit GradientAttribution(Options options) : options_(options) {}
  bool has_sign() const override { return !options_.absolute; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

struct TimesInputOptions {
  bool absolute = false;
  bool normalise = false;
  void fields(auto&& field) {
    field("absolute", absolute, "|gradient| · input, as the attribution study published it; black pixels are 0 either way");
    field("normalise", normalise, "divided by the largest number of each map");
  }
};

/** ∂f/∂x ⊙ x; Shrikumar et al. 2016. */
class GradientTimesInput : public Attribution {
 public:
  using Options = TimesInputOptions;
  explicit GradientTimesInput(Options options) : options_(options) {}
  bool has_sign() const override { return !options_.absolute; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/** ∂J(x, true class)/∂x with J = −log softmax; it points to where the network errs more. */
class LossGradient : public Attribution {
 public:
  using Options = GradientAttribution::Options;
  explicit LossGradient(Options options) : options_(options) {}
  bool has_sign() const override { return !options_.absolute; }
  bool of_true_loss() const override { return true; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/** The same ⊙ x. */
class LossGradientTimesInput : public Attribution {
 public:
  using Options = TimesInputOptions;
  explicit LossGradientTimesInput(Options options) : options_(options) {}
  bool has_sign() const override { return !options_.absolute; }
  bool of_true_loss() const override { return true; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/** The loss's gradient as a picture: g / max|g|, in [−1, 1]. */
class GradientImage : public Attribution {
 public:
  using Options = NoOptions;
  explicit GradientImage(Options) {}
  bool has_sign() const override { return true; }
  bool of_true_loss() const override { return true; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;
};

}  // namespace convscope
