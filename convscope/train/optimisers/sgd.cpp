#include "convscope/train/optimisers/sgd.h"

#include <cassert>
#include <cmath>

#include "convscope/train/optimisers/kernels.h"

namespace convscope {

Sgd::Sgd(Options options) : options_(options) {
  require(options_.momentum >= 0 && options_.momentum < 1, "sgd: option 'momentum' is {}; a number from 0 to below 1 was wanted",
          options_.momentum);
  require(options_.weight_decay >= 0 && std::isfinite(options_.weight_decay),
          "sgd: option 'weight_decay' is {}; a number from 0 on was wanted", options_.weight_decay);
  require(!options_.nesterov || options_.momentum > 0, "sgd: nesterov=true looks ahead along the momentum, which is 0; say momentum=0.9");
}

void Sgd::update(const Update& u) const {
  assert(u.gradients.size() == u.parameters.size() && std::ssize(u.moments) == moments());
  const bool scale_first = options_.scale_first && moments() > 0;
  const kernels::SgdStep step{.rate = scale_first ? 1.0f : static_cast<float>(u.rate),
                              .scale = scale_first ? static_cast<float>(u.rate) : 1.0f,
                              .momentum = static_cast<float>(options_.momentum),
                              .decay = static_cast<float>(options_.weight_decay),
                              .nesterov = options_.nesterov};
  kernels::sgd_update(std::ssize(u.parameters), step, decay_factors(u), u.parameters.data(), u.gradients.data(),
                      moments() ? u.moments[0].data() : nullptr);
}

}  // namespace convscope
