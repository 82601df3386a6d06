#pragma once

#include <cmath>
#include <string>

#include "convscope/base/random.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** The fixtures' numbers for a parameter or for the pictures; tests/fixtures/README.md tells the rule. */
inline Tensor fixture_tensor(const std::string& name, const Shape& shape) {
  constexpr uint64_t kFixtureSeed = 7;
  const RandomStream random(kFixtureSeed, name);
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) {
    const double u = random.uniform(static_cast<uint64_t>(i));
    double v = u;
    if (name.ends_with("weight") && shape.rank() >= 2)
      v = (u - 0.5) * 2 * std::sqrt(6.0 / static_cast<double>(shape.inner()));
    else if (name.ends_with("weight") || name.ends_with("running_var"))
      v = 0.5 + u;
    else if (name.ends_with("bias") || name.ends_with("running_mean"))
      v = (u - 0.5) * 0.2;
    else if (name.ends_with("masks"))
      v = 2 * u - 1;
    t[i] = static_cast<float>(v);
  }
  return t;
}

}  // namespace convscope
