#include "convscope/train/clipping.h"

#include <cmath>

#include "convscope/train/optimisers/kernels.h"

namespace convscope {

void clip_gradients(std::span<float> gradients, double value, double norm) {
  if (value > 0) kernels::clamp(std::ssize(gradients), static_cast<float>(value), gradients.data());
  if (norm <= 0) return;
  const double factor = norm / (std::sqrt(kernels::sum_of_squares(std::ssize(gradients), gradients.data())) + 1e-6);
  if (!(factor >= 1)) kernels::scale(std::ssize(gradients), static_cast<float>(factor), gradients.data());
}

}  // namespace convscope
