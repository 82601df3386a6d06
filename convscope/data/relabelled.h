#pragma once

#include <memory>

#include "convscope/data/dataset.h"

namespace convscope {

/** The same images with the classes of a network that knows more of them: ten of ImageNet's thousand, say. */
class Relabelled : public Dataset {
 public:
  /** `index` of each of the base's classes among `classes`. */
  Relabelled(std::shared_ptr<const Dataset> base, std::vector<int64_t> index, std::vector<std::string> classes)
      : base_(std::move(base)), index_(std::move(index)), classes_(std::move(classes)) {}

  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int64_t label(int64_t index) const override { return index_[static_cast<size_t>(base_->label(index))]; }
  int64_t number(int64_t index) const override { return base_->number(index); }
  Path file(int64_t index) const override { return base_->file(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override { base_->pixels(index, epoch, out); }
  std::span<const uint8_t> levels(int64_t index) const override { return base_->levels(index); }

 private:
  std::shared_ptr<const Dataset> base_;
  std::vector<int64_t> index_;
  std::vector<std::string> classes_;
};

}  // namespace convscope
