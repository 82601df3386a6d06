#include "convscope/nn/normalize.h"

#include <cmath>

namespace convscope {

Value Normalize::build(Builder& graph, std::string_view name, Value x) const {
  Options o = options_;
  if (o.mean.empty() && o.std.empty()) return x;

  const Shape in = graph.shape(x);
  require(in.rank() == 4, "normalize '{}': the input is {}, pictures [N, C, H, W] were wanted", graph.path(name), in);
  const size_t channels = static_cast<size_t>(in[1]);
  const auto fits = [channels](const std::vector<double>& numbers) { return numbers.size() == 1 || numbers.size() == channels; };
  require(fits(o.mean) && fits(o.std),
          "normalize '{}': {} means and {} standard deviations for pictures of {} channels; one each, or one for all, was wanted",
          graph.path(name), o.mean.size(), o.std.size(), channels);
  if (o.mean.size() == 1) o.mean.resize(channels, o.mean[0]);
  if (o.std.size() == 1) o.std.resize(channels, o.std[0]);
  for (size_t c = 0; c < channels; ++c) {
    require(std::isfinite(o.mean[c]) && std::isfinite(o.std[c]) && o.std[c] > 0,
            "normalize '{}': channel {} has mean {} and standard deviation {}; the deviation must be above 0", graph.path(name), c,
            o.mean[c], o.std[c]);
  }
  return graph.add<NormalizeOp>(name, o, {x});
}

}  // namespace convscope
