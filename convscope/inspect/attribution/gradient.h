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
  ShownChannels shown_channels() const override { return ShownChannels::farthest; }
  std::string legend() const override;
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
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override;
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
  Answers answers() const override { return Answers::true_loss; }
  ShownChannels shown_channels() const override { return ShownChannels::farthest; }
  std::string legend() const override;
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
  Answers answers() const override { return Answers::true_loss; }
  ShownChannels shown_channels() const override { return ShownChannels::added; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/**
 * The loss's gradient as a picture: g / max|g|, in [−1, 1]. Of an image in colour the picture is in colour, as the attribution study shows
 * it: times `gain`, what is below 0 black and what is above 1 full.
 */
class GradientImage : public Attribution {
 public:
  struct Options {
    double gain = 10;
    void fields(auto&& field) {
      field("gain", gain, "of an image in colour: by which the picture is brightened before what is outside 0 to 1 is cut; the map is not");
    }
  };
  explicit GradientImage(Options options);
  bool has_sign() const override { return true; }
  Answers answers() const override { return Answers::true_loss; }
  ShownChannels shown_channels() const override { return ShownChannels::farthest; }
  std::string legend() const override;
  double picture_gain() const override { return options_.gain; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

}  // namespace convscope
