#include "convscope/inspect/attribution/full_grad.h"

#include <algorithm>
#include <cmath>

#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/rules/bias_shares.h"
#include "convscope/inspect/attribution/positions.h"
#include "convscope/inspect/attribution/rectified.h"

namespace convscope {

namespace {

/** |shares| of one node between 0 and 1, its channels added up: [h, w]. */
std::vector<double> rescaled(std::span<const float> shares, int64_t channels) {
  const size_t positions = shares.size() / static_cast<size_t>(channels);
  double low = std::abs(shares[0]), high = low;
  for (const float v : shares) {
    low = std::min<double>(low, std::abs(v));
    high = std::max<double>(high, std::abs(v));
  }
  std::vector<double> map(positions);
  if (high == low) return map;
  for (size_t i = 0; i < shares.size(); ++i) map[i % positions] += (std::abs(shares[i]) - low) / (high - low);
  return map;
}

}  // namespace

Maps FullGrad::explain(Subject& subject, const Tensor& x, const Question& question) const {
  network_of(subject, "full-grad");
  const Passed passed = subject.pass(x, {.objective = question.objective, .ruling = bias_shares_ruling()}, question.targets);
  Maps maps{Tensor({x.shape()[0], 1, x.shape()[2], x.shape()[3]}), {}};
  std::vector<double> sum(static_cast<size_t>(x.shape()[2] * x.shape()[3]));
  size_t biases = 0;
  const auto add = [&](std::span<const float> shares, const Shape& shape) {
    const auto map = upsampled(rescaled(shares, shape[1]), shape[2], shape[3], x.shape()[2], x.shape()[3]);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += map[i];
  };
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    std::fill(sum.begin(), sum.end(), 0.0);
    biases = 0;
    bool input = false;
    for (const auto& [name, shares] : passed.gradients) {
      if (name == kPixels || !has_positions(shares.shape())) continue;
      input = input || name == kInputShare;
      biases += name == kInputShare ? 0 : 1;
      add(shares.row(n), shares.shape());
    }
    if (!input) {
      std::vector<float> product(x.row(n).begin(), x.row(n).end());
      const auto slope = passed.gradients.at(std::string(kPixels)).row(n);
      for (size_t i = 0; i < product.size(); ++i) product[i] *= slope[i];
      add(product, x.shape());
    }
    std::transform(sum.begin(), sum.end(), maps.values.row(n).begin(), [](double v) { return static_cast<float>(v); });
  }
  // A mask is added to each map like a bias, but as many times as there are masks: they are told, not guessed at.
  int64_t masked = 0;
  for (const Node& node : subject.network()->nodes()) masked += as<PerturbOp>(*node.op) || as<PerturbMixOp>(*node.op);
  maps.over = fmt::format("over the input and {} layers with biases{}", biases,
                          masked > 0 ? fmt::format(", without the masks of {} perturbation layers", masked) : "");
  return maps;
}

}  // namespace convscope
