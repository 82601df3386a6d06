#include "convscope/train/losses/cross_entropy.h"

#include <vector>

#include "convscope/tensor/shape.h"

namespace convscope {

CrossEntropyLoss::CrossEntropyLoss(Options options) : options_(std::move(options)) {
  const Shape logits{1, 2}, labels{1};
  (void)CrossEntropyOp(options_).shapes(std::vector{logits, labels});  // looks at the options too
}

Choice CrossEntropyLoss::objective() const { return {std::string(CrossEntropyOp::kKind), fields_to_json(options_)}; }

}  // namespace convscope
