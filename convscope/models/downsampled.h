#pragma once

/**
 * Downsampling as a switch: the same network with another way to drop samples, nn/downsampling.h.
 *
 * Goals: one set of rules for models by name and for graphs that somebody brings; parameters keep name, shape and numbers.
 * Non-goal: what the weights know. A network whose samples are dropped otherwise wants to be trained on for a while.
 */

#include "convscope/models/model.h"
#include "convscope/results/conversion.h"

namespace convscope {

/** The changed graph, and what was done where. */
struct Downsampled {
  Graph graph;
  std::string stem;  // what was done with the first convolution: keep or change
  std::vector<Conversion::Place> places;
  std::vector<std::string> remarks;
};

/**
 * Zhang 2019, section 3.2, and for the low passes in the spectrum Grabinski et al. 2022:
 *
 *   what dropped samples            a filter behind                                flc, asap: the filter first
 *   k×k convolution (norm, act)     stride 1, norm, act, filter                    filter, stride 1, norm, act
 *   1×1 convolution                 filter, stride 1                               the same
 *   max pool                        the same window with stride 1, filter          filter
 *   mean pool, every rate-th pixel  filter                                         filter
 *   first convolution, strided      stays                                          as above
 *
 * Where a filter first would give other rows and columns, it comes behind. aps filters behind, also at the first convolution, all padding
 * goes on at the other side of the plane, and places whose results meet (a block and its shortcut) share one choice. `stem` is auto, keep
 * or change.
 */
Downsampled with_downsampling(const Graph& network, std::string_view how, const std::string& stem = "auto");

/** A model whose samples are dropped otherwise: a decorator of any. */
class DownsampledModel : public Model {
 public:
  DownsampledModel(std::unique_ptr<Model> model, std::string how) : model_(std::move(model)), how_(std::move(how)) {}
  Graph build(const Shape& image, int64_t classes, const Normalization& normalization) const override {
    return with_downsampling(model_->build(image, classes, normalization), how_).graph;
  }
  Task usual_task() const override { return model_->usual_task(); }

 protected:
  Value logits(Builder&, Value, int64_t) const override { fail("a model that was changed has a graph of its own"); }

 private:
  std::unique_ptr<Model> model_;
  std::string how_;
};

/** The option that models with places to change have. */
struct DownsampleOption {
  std::string downsample = "plain";
  void fields(auto&& field) {
    field("downsample", downsample,
          "what keeps every second sample: plain, blur:4 (1 to 7 taps), area, lanczos, flc, asap or aps; convscope list downsamplings");
  }
};

}  // namespace convscope
