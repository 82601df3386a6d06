#pragma once

#include <memory>
#include <vector>

#include "convscope/data/dataset.h"

namespace convscope {

/** Data sets of pictures of one shape and the same classes, one behind the other. */
class Concatenated : public Dataset {
 public:
  explicit Concatenated(std::vector<std::shared_ptr<const Dataset>> parts);

  int64_t size() const override { return begins_.back(); }
  Shape image_shape() const override { return parts_.front()->image_shape(); }
  const std::vector<std::string>& classes() const override { return parts_.front()->classes(); }
  int64_t label(int64_t index) const override;
  int64_t number(int64_t index) const override;
  Path file(int64_t index) const override;
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override;

 private:
  struct Place {
    const Dataset& part;
    int64_t index;
  };
  Place at(int64_t index) const;

  std::vector<std::shared_ptr<const Dataset>> parts_;
  std::vector<int64_t> begins_;  // of each part, then the size
};

}  // namespace convscope
