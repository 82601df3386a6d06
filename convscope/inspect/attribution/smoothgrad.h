#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Another method's maps a over noisy copies of the image:
 *
 *   statistic mean       E a          SmoothGrad, Smilkov et al. 2017, section 3
 *             square     E a²         Hooker et al. 2019
 *             variance   E (a − E a)² VarGrad, Adebayo et al. 2018: where the answer is unsteady
 */
class SmoothGrad : public Attribution {
 public:
  struct Options {
    std::string method = "gradient";
    int64_t count = 16;
    double sigma = 0.15;
    std::string statistic = "mean";
    void fields(auto&& field) {
      field("method", method, "the method whose maps are averaged; its options behind it with slashes: integrated-gradients/steps=20");
      field("count", count, "noisy copies of each image");
      field("sigma", sigma, "standard deviation of the noise, as a share of the image's range max − min");
      field("statistic", statistic, "of the maps over the copies: mean, square (mean of their squares) or variance");
    }
  };
  explicit SmoothGrad(Options options);
  bool has_sign() const override { return options_.statistic == "mean" && method_->has_sign(); }
  Answers answers() const override { return method_->answers(); }
  ShownChannels shown_channels() const override { return method_->shown_channels(); }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
  std::unique_ptr<Attribution> method_;
};

/** The baseline of all methods: N(0, 1) at every pixel, drawn by the image's number. It knows nothing of the network. */
class RandomAttribution : public Attribution {
 public:
  using Options = NoOptions;
  explicit RandomAttribution(Options) {}
  bool has_sign() const override { return true; }
  Answers answers() const override { return Answers::nothing; }
  ShownChannels shown_channels() const override { return ShownChannels::farthest; }
  std::string legend() const override { return "drawn at random: its colours mean nothing"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;
};

}  // namespace convscope
