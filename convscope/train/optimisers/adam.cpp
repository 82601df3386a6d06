#include "convscope/train/optimisers/adam.h"

#include <cassert>
#include <cmath>
#include <limits>

#include "convscope/train/optimisers/kernels.h"

namespace convscope {

Adam::Adam(std::string_view name, Options options, double shrink) : options_(options), shrink_(shrink) {
  const auto check_beta = [&](std::string_view option, double beta) {
    require(beta >= 0 && beta < 1, "{}: option '{}' is {}; a number from 0 to below 1 was wanted", name, option, beta);
  };
  check_beta("beta1", options_.beta1);
  check_beta("beta2", options_.beta2);
  // What never had a gradient, padding above all, is 0 / (0 + eps): eps must not vanish in float.
  constexpr double kLeast = std::numeric_limits<float>::min();
  require(options_.eps >= kLeast && std::isfinite(options_.eps), "{}: option 'eps' is {}; a number above 0 was wanted, {:.2g} or more",
          name, options_.eps, kLeast);
  for (const double decay : {options_.weight_decay, shrink_})
    require(decay >= 0 && std::isfinite(decay), "{}: option 'weight_decay' is {}; a number from 0 on was wanted", name, decay);
}

void Adam::update(const Update& u) const {
  assert(u.gradients.size() == u.parameters.size() && std::ssize(u.moments) == moments() && u.step >= 1);
  const double t = static_cast<double>(u.step);
  const double root = 1 / std::sqrt(1 - std::pow(options_.beta2, t));
  const kernels::AdamStep step{.rate = static_cast<float>(u.rate / (1 - std::pow(options_.beta1, t))),
                               .root = static_cast<float>(root),
                               .eps = static_cast<float>(options_.eps_first ? options_.eps * root : options_.eps),
                               .beta1 = static_cast<float>(options_.beta1),
                               .rest1 = static_cast<float>(1 - options_.beta1),
                               .beta2 = static_cast<float>(options_.beta2),
                               .rest2 = static_cast<float>(1 - options_.beta2),
                               .decay = static_cast<float>(options_.weight_decay),
                               .shrink = static_cast<float>(u.rate * shrink_)};
  kernels::adam_update(std::ssize(u.parameters), step, decay_factors(u), u.parameters.data(), u.gradients.data(), u.moments[0].data(),
                       u.moments[1].data());
}

}  // namespace convscope
