#include "convscope/train/loss.h"
#include "convscope/train/losses/cross_entropy.h"

namespace convscope {

const Table<Loss>& losses() {
  static const Table<Loss> table{"loss", {entry<CrossEntropyLoss, Loss>("cross-entropy", "−log of the true class's probability")}};
  return table;
}

}  // namespace convscope
