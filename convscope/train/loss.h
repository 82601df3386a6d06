#pragma once

#include "convscope/base/table.h"

namespace convscope {

/** What a training lowers, and what test pictures are judged by beside their accuracy. */
class Loss {
 public:
  virtual ~Loss() = default;

  /** The op (logits [N, Y], labels [N]) → [1] with its options, for a batch that is trained. */
  virtual Choice objective() const = 0;
  /** Whether the op adds up its images' losses; else it is their mean. */
  virtual bool sums() const { return false; }
  /** Whether an image's loss depends on what else is in the batch: only batches of the same size can then be compared. */
  virtual bool couples_images() const { return false; }
};

/** The family. */
const Table<Loss>& losses();

}  // namespace convscope
