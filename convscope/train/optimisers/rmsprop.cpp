#include "convscope/train/optimisers/rmsprop.h"

#include <cassert>
#include <cmath>
#include <limits>

#include "convscope/train/optimisers/kernels.h"

namespace convscope {

Rmsprop::Rmsprop(Options options) : options_(options) {
  const auto check_share = [](std::string_view name, double share) {
    require(share >= 0 && share < 1, "rmsprop: option '{}' is {}; a number from 0 to below 1 was wanted", name, share);
  };
  check_share("rho", options_.rho);
  check_share("momentum", options_.momentum);
  // What never had a gradient, padding above all, is 0 / (0 + eps): eps must not vanish in float.
  constexpr double kLeast = std::numeric_limits<float>::min();
  require(options_.eps >= kLeast && std::isfinite(options_.eps), "rmsprop: option 'eps' is {}; a number above 0 was wanted, {:.2g} or more",
          options_.eps, kLeast);
  require(options_.weight_decay >= 0 && std::isfinite(options_.weight_decay),
          "rmsprop: option 'weight_decay' is {}; a number from 0 on was wanted", options_.weight_decay);
}

void Rmsprop::update(const Update& u) const {
  assert(u.gradients.size() == u.parameters.size() && std::ssize(u.moments) == moments());
  const kernels::RmspropStep step{.rate = static_cast<float>(u.rate),
                                  .rho = static_cast<float>(options_.rho),
                                  .rest = static_cast<float>(1 - options_.rho),
                                  .eps = static_cast<float>(options_.eps),
                                  .momentum = static_cast<float>(options_.momentum),
                                  .decay = static_cast<float>(options_.weight_decay),
                                  .inside = options_.eps_inside_root};
  kernels::rmsprop_update(std::ssize(u.parameters), step, decay_factors(u), u.parameters.data(), u.gradients.data(), u.moments[0].data(),
                          moments() > 1 ? u.moments[1].data() : nullptr);
}

}  // namespace convscope
