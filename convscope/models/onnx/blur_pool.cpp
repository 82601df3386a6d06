#include "convscope/models/onnx/blur_pool.h"

#include <algorithm>
#include <cmath>

#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/resample.h"

namespace convscope {

namespace {

constexpr int64_t kMostTaps = 7;

/** Which row (or column) of `from` stands at each place of a plane, −1 where there is a zero. */
struct Laid {
  Value from;
  std::array<std::vector<int64_t>, 2> places;
};

std::vector<int64_t> padded(int64_t extent, int64_t before, int64_t behind) {
  std::vector<int64_t> all(static_cast<size_t>(before), -1);
  for (int64_t i = 0; i < extent; ++i) all.push_back(i);
  all.insert(all.end(), static_cast<size_t>(behind), -1);
  return all;
}

/** x, or what x is a padding of. */
Laid laid(const OnnxSite& site, Value x) {
  const Node& node = site.graph().node(x.node);
  const auto* picked = as<ResampleOp>(*node.op);
  if (picked && picked->get().taps == 1 && picked->get().row_weights.empty() && picked->get().column_weights.empty())
    return {node.inputs[0], {picked->get().rows, picked->get().columns}};
  const auto* zeros = as<PadOp>(*node.op);
  if (zeros && zeros->get().value == 0) {
    const PadOptions& pad = zeros->get();
    const Shape& from = site.shape(node.inputs[0]);
    return {node.inputs[0], {padded(from[2], pad.top, pad.bottom), padded(from[3], pad.left, pad.right)}};
  }
  const Shape& s = site.shape(x);
  return {x, {padded(s[2], 0, 0), padded(s[3], 0, 0)}};
}

bool is_pascals(const OnnxTensor& weight, const std::vector<double>& line) {
  constexpr double kRounded = 1e-6;
  const size_t taps = line.size();
  for (size_t i = 0; i < static_cast<size_t>(weight.size()); ++i) {
    const double wanted = line[i / taps % taps] * line[i % taps];
    if (!(std::abs(weight.at(i) - wanted) <= kRounded)) return false;
  }
  return true;
}

/** Whether windows of these weights at each `rate`-th place are what the filter does to a line of `extent`. */
bool filters_alike(const LineFilterOptions& how, int64_t extent, const std::vector<double>& line, const std::vector<int64_t>& places,
                   int64_t begin, int64_t out) {
  constexpr double kRounded = 1e-9;
  if (out != kept_samples(extent, how.rate)) return false;
  const LineMatrix wanted = line_matrix(how, extent);
  std::vector<double> row(static_cast<size_t>(extent));
  for (int64_t i = 0; i < out; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (int64_t t = 0; t < std::ssize(line); ++t) {
      const int64_t at = i * how.rate - begin + t;
      const int64_t place = at < 0 || at >= std::ssize(places) ? -1 : places[static_cast<size_t>(at)];
      if (place >= 0) row[static_cast<size_t>(place)] += line[static_cast<size_t>(t)];
    }
    for (int64_t k = wanted.begins[static_cast<size_t>(i)]; k < wanted.begins[static_cast<size_t>(i) + 1]; ++k)
      row[static_cast<size_t>(wanted.places[static_cast<size_t>(k)])] -= wanted.weights[static_cast<size_t>(k)];
    if (std::any_of(row.begin(), row.end(), [](double v) { return std::abs(v) > kRounded; })) return false;
  }
  return true;
}

}  // namespace

std::vector<double> blur_weights(int64_t taps) {
  std::vector<double> line{1};
  for (int64_t t = 1; t < taps; ++t) line.push_back(line.back() * static_cast<double>(taps - t) / static_cast<double>(t));
  for (double& w : line) w /= std::ldexp(1.0, static_cast<int>(taps) - 1);
  return line;
}

std::optional<BlurPool> blur_pool(const OnnxSite& site, Value x, const OnnxTensor& weight, const DepthwiseSteps& steps) {
  const Shape& s = site.shape(x);
  const int64_t taps = weight.dims[2];
  if (steps.rate < 2 || weight.dims[0] != s[1] || weight.dims[1] != 1 || weight.dims[3] != taps || taps < 2 || taps > kMostTaps) return {};
  const std::vector<double> line = blur_weights(taps);
  if (!is_pascals(weight, line)) return {};
  const Laid plane = laid(site, x);
  const Shape& from = site.shape(plane.from);
  if (std::max(from[2], from[3]) > kLongestLine) return {};
  for (const char* edge : {"reflect", "replicate", "zero", "circular"}) {
    const LineFilterOptions how{.filter = "blur", .size = taps, .edge = edge, .rate = steps.rate};
    if (filters_alike(how, from[2], line, plane.places[0], steps.begin[0], steps.out[0]) &&
        filters_alike(how, from[3], line, plane.places[1], steps.begin[1], steps.out[1]))
      return BlurPool{plane.from, how};
  }
  return {};
}

}  // namespace convscope
