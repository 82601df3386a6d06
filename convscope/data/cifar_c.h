#pragma once

#include <memory>
#include <string>
#include <vector>

#include "convscope/data/dataset.h"
#include "convscope/tensor/npy.h"

namespace convscope {

/**
 * Published arrays of corrupted pictures (CIFAR-10-C, CIFAR-100-C) in a folder:
 *
 *   labels.npy  [5 N]              u1 or whole numbers, the N labels five times
 *   NAME.npy    [5 N, 32, 32, 3]   u1; row (severity − 1) N + number
 *
 * Rows are read as they are asked for; a file that is shorter or longer than its shape is an error before that.
 */
class PublishedCorruptions {
 public:
  explicit PublishedCorruptions(const Path& folder);

  /** Those of our corruptions that lie there, in our order. */
  const std::vector<std::string>& names() const { return names_; }
  /** Pictures of a corruption at a severity, in the place of those of `clean`, by their numbers; an error where labels or shapes differ. */
  std::shared_ptr<const Dataset> of(const std::string& name, int64_t severity, std::shared_ptr<const Dataset> clean) const;

 private:
  Path folder_;
  std::vector<std::string> names_;
  std::vector<int64_t> labels_;  // [N]
};

}  // namespace convscope
