#pragma once

#include "convscope/inspect/attribution/attribution.h"
#include "convscope/inspect/attribution/gradient.h"

namespace convscope {

/**
 * Occlusion, Zeiler and Fergus 2014, section 4.1: a window R walks over the image; what its absence changes is added to every pixel
 * in it, and divided at the end by how many windows lay over the pixel (at the borders fewer do).
 *
 *   measure all      v(R) = Σ_y |f_y(x) − f_y(x without R)|, as the attribution study published it, there of softmax's outputs
 *   measure target   v(R) = f_t(x) − f_t(x without R), with its sign
 *
 * Windows stand at 0, stride, 2 stride, … until the image is covered; the last ones may hang over its edge.
 */
class Occlusion : public Attribution {
 public:
  struct Options {
    int64_t window = 0;
    int64_t stride = 0;
    std::string fill = "black";
    std::string measure = "all";
    void fields(auto&& field) {
      field("window", window, "rows and columns of the window; 0: an eighth of the image, at least 4");
      field("stride", stride, "step of the window; 0: half of it");
      field("fill", fill, "what is put in its place: black, mean (of the channel in the image), or a level from 0 to 1");
      field("measure", measure,
            "all: how much all outputs change, without a target (as published, of the softmax); target: how much the target's number "
            "falls, which "
            "`explain` takes by itself where a target or a loss is asked for");
    }
  };
  explicit Occlusion(Options options);
  bool has_sign() const override { return options_.measure == "target"; }
  Answers answers() const override { return options_.measure == "target" ? Answers::target : Answers::all_outputs; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Options options_;
};

/** (occlusion + |gradient| · input) / 2, each divided by its largest number first; channels are added up. */
class OcclusionPlusGradient : public Attribution {
 public:
  using Options = Occlusion::Options;
  explicit OcclusionPlusGradient(Options options) : occlusion_(std::move(options)) {}
  bool has_sign() const override { return occlusion_.has_sign(); }
  Answers answers() const override { return occlusion_.has_sign() ? Answers::target : Answers::all_and_target; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override;
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

 private:
  Occlusion occlusion_;
};

}  // namespace convscope
