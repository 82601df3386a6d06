#include "convscope/train/optimisers/muon.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/train/optimisers/kernels.h"
#include "convscope/train/optimisers/orthogonal.h"

namespace convscope {

namespace {

constexpr int64_t kLeast = 1 << 15;  // numbers that are worth a thread

void each_number(int64_t count, auto&& body) {
  parallel(count, kLeast, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace

Muon::Muon(Options options) : options_(options) {
  const auto require_share = [](std::string_view name, double share) {
    require(share >= 0 && share < 1, "muon: option '{}' is {}; a number from 0 to below 1 was wanted", name, share);
  };
  const auto require_from_0 = [](std::string_view name, double factor) {
    require(factor >= 0 && std::isfinite(factor), "muon: option '{}' is {}; a number from 0 on was wanted", name, factor);
  };
  require_share("momentum", options_.momentum);
  require_share("other_momentum", options_.other_momentum);
  require_from_0("dense_rate", options_.dense_rate);
  require_from_0("vector_rate", options_.vector_rate);
  require_from_0("weight_decay", options_.weight_decay);
  constexpr int64_t kMost = 100;
  require(options_.iterations >= 1 && options_.iterations <= kMost, "muon: option 'iterations' is {}; a number from 1 to {} was wanted",
          options_.iterations, kMost);
}

void Muon::update(const Update& u) const {
  assert(u.gradients.size() == u.parameters.size() && std::ssize(u.moments) == moments());
  for (const Weights::Entry& e : u.entries) {
    if (!e.trained) continue;
    if (e.shape.rank() == 4)
      update_kernel(u, e);
    else
      update_other(u, e);
  }
}

void Muon::update_kernel(const Update& u, const Weights::Entry& kernel) const {
  const int64_t rows = kernel.shape[0], count = kernel.floats;
  float *w = u.parameters.data() + kernel.offset, *m = u.moments[0].data() + kernel.offset;
  const float* g = u.gradients.data() + kernel.offset;
  const float momentum = static_cast<float>(options_.momentum), rate = static_cast<float>(u.rate);

  std::vector<float> step(static_cast<size_t>(count));  // as the kernel lies
  each_number(count, [&](int64_t i) {
    m[i] = momentum * m[i] + g[i];
    step[static_cast<size_t>(i)] = options_.nesterov ? g[i] + momentum * m[i] : m[i];
  });
  Tensor matrix(kernel.shape);
  kernel.to_plain(step.data(), matrix);
  orthogonalise(rows, kernel.shape.inner(), matrix.data(), options_.iterations);
  kernel.from_plain(matrix, step.data());

  const double norm = std::sqrt(kernels::sum_of_squares(count, w));
  const float kept = norm > 0 ? static_cast<float>(std::sqrt(static_cast<double>(rows)) / norm) : 1.0f;
  each_number(count, [&](int64_t i) { w[i] = kept * w[i] - rate * step[static_cast<size_t>(i)]; });
}

void Muon::update_other(const Update& u, const Weights::Entry& other) const {
  const double factor = other.shape.rank() >= 2 ? options_.dense_rate : options_.vector_rate;
  if (factor == 0) return;
  const kernels::SgdStep step{.rate = static_cast<float>(u.rate * factor),
                              .scale = 1,
                              .momentum = static_cast<float>(options_.other_momentum),
                              .decay = static_cast<float>(options_.weight_decay / factor),
                              .nesterov = options_.other_momentum > 0};
  const float* decayed = decay_factors(u);
  kernels::sgd_update(other.floats, step, decayed ? decayed + other.offset / kDecayBlock : nullptr, u.parameters.data() + other.offset,
                      u.gradients.data() + other.offset, u.moments[0].data() + other.offset);
}

}  // namespace convscope
