#pragma once

#include "convscope/data/augmentation.h"
#include "convscope/data/dataset.h"

namespace convscope {

/** Pictures changed by augmentations one after the other, drawn anew in each epoch. */
class Augment : public Dataset {
 public:
  /** An error where an augmentation does not suit the pictures' shape. */
  Augment(std::shared_ptr<const Dataset> base, Augmentations augmentations, uint64_t seed);

  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(index); }
  int64_t number(int64_t index) const override { return base_->number(index); }
  Path file(int64_t index) const override { return base_->file(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override;

 private:
  std::shared_ptr<const Dataset> base_;
  Augmentations augmentations_;
  uint64_t seed_;
};

}  // namespace convscope
