#pragma once

#include <memory>

#include "convscope/data/dataset.h"

namespace convscope {

/** Some samples of a data set, in the order given. */
class Subset : public Dataset {
 public:
  Subset(std::shared_ptr<const Dataset> base, std::vector<int64_t> indices);
  /** The first `count` in their usual order. */
  static std::shared_ptr<const Dataset> first(std::shared_ptr<const Dataset> base, int64_t count);

  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(in_base(index)); }
  int64_t number(int64_t index) const override { return base_->number(in_base(index)); }
  Path file(int64_t index) const override { return base_->file(in_base(index)); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override { base_->pixels(in_base(index), epoch, out); }
  std::span<const uint8_t> levels(int64_t index) const override { return base_->levels(in_base(index)); }

 private:
  int64_t in_base(int64_t index) const { return indices_[static_cast<size_t>(index)]; }

  std::shared_ptr<const Dataset> base_;
  std::vector<int64_t> indices_;
};

/**
 * Numbers of all samples in the order in which the first ones stand for all: as they lie; of data that lie class by class, as folders of
 * pictures do, the first of each class, then the second of each, and so on.
 */
std::vector<int64_t> usual_order(const Dataset& data);

struct TrainingAndValidation {
  std::shared_ptr<const Dataset> training;
  std::shared_ptr<const Dataset> validation;
};

/**
 * Holds samples out of training, drawn by `seed`, pictures in files by their own names, each part in the data set's order. `held_out` is a
 * fraction where it is below 1, a count from 1 on; both parts keep at least one sample.
 */
TrainingAndValidation split_validation(const std::shared_ptr<const Dataset>& dataset, double held_out, uint64_t seed);

}  // namespace convscope
