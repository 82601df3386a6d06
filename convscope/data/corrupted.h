#pragma once

#include <memory>

#include "convscope/data/corruption.h"
#include "convscope/data/dataset.h"

namespace convscope {

/** Pictures as one corruption at one severity leaves them; chance depends on seed and the sample's number alone. */
class Corrupted : public Dataset {
 public:
  Corrupted(std::shared_ptr<const Dataset> base, std::string_view corruption, int64_t severity, uint64_t seed);

  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(index); }
  int64_t number(int64_t index) const override { return base_->number(index); }
  Path file(int64_t index) const override { return base_->file(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override;

 private:
  std::shared_ptr<const Dataset> base_;
  Corrupter corrupter_;
};

}  // namespace convscope
