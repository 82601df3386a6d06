#include "convscope/attack/single_step.h"

#include <algorithm>

namespace convscope {

Steps Fgsm::run(Walk& walk) const {
  const std::span<const float> up = co_await walk.slope();
  walk.add_signs(up, walk.epsilon());
}

Steps NormedGradient::run(Walk& walk) const {
  const std::span<const float> up = co_await walk.slope();
  if (const double size = size_of(up, norm_); size > 0) walk.add(up, walk.epsilon() / size);
}

GradientImageAttack::GradientImageAttack(Options options) : signs_(options.picture == "sign"), negatives_(options.negatives == "keep") {
  const std::vector<std::string> known{"sign", "normed"};
  require(signs_ || options.picture == "normed", "gradient-image: no picture '{}'{}", options.picture, known_names(options.picture, known));
  const std::vector<std::string> ways{"keep", "cut"};
  require(negatives_ || options.negatives == "cut", "gradient-image: no negatives '{}'{}", options.negatives,
          known_names(options.negatives, ways));
}

Steps GradientImageAttack::run(Walk& walk) const {
  const std::span<const float> up = co_await walk.slope();
  std::fill(walk.x().begin(), walk.x().end(), 0.0f);
  if (signs_)
    walk.add_signs(up, walk.epsilon());
  else if (const double size = size_of(up, Norm::linf); size > 0)
    walk.add(up, walk.epsilon() / size);
}

Steps NoiseAttack::run(Walk& walk) const {
  const RandomStream random = walk.random("noise");
  const std::span<float> x = walk.x();
  for (size_t i = 0; i < x.size(); ++i) x[i] += random.uniform(i, walk.number()) < 0.5f ? -walk.epsilon() : walk.epsilon();
  walk.keep_inside();
  co_return;
}

}  // namespace convscope
