#include "convscope/inspect/attribution/occlusion.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace convscope {

namespace {

struct Window {
  int64_t image, top, left;
};

/** Where windows begin along an axis, so that they cover it. */
std::vector<int64_t> beginnings(int64_t extent, int64_t window, int64_t stride) {
  std::vector<int64_t> all{0};
  while (all.back() + window < extent) all.push_back(all.back() + stride);
  return all;
}

/** The number that stands for what is hidden, for each channel of an image. */
float filling(const std::string& fill, const Tensor& x, int64_t n, int64_t c) {
  if (fill == "black") return 0;
  const int64_t plane = x.shape()[2] * x.shape()[3];
  if (fill == "mean") {
    double sum = 0;
    const auto image = x.row(n).subspan(static_cast<size_t>(c * plane), static_cast<size_t>(plane));
    for (const float v : image) sum += v;
    return static_cast<float>(sum / static_cast<double>(plane));
  }
  float level = 0;
  std::from_chars(fill.data(), fill.data() + fill.size(), level);
  return level;
}

}  // namespace

Occlusion::Occlusion(Options options) : options_(std::move(options)) {
  require(options_.window >= 0 && options_.stride >= 0, "occlusion: window and stride are not negative, got {} and {}", options_.window,
          options_.stride);
  require(options_.measure == "all" || options_.measure == "target", "occlusion: measure is all or target, got '{}'", options_.measure);
  if (options_.fill != "black" && options_.fill != "mean") {
    float level = -1;
    const auto [end, error] = std::from_chars(options_.fill.data(), options_.fill.data() + options_.fill.size(), level);
    require(error == std::errc() && *end == 0 && level >= 0 && level <= 1,
            "occlusion: fill is black, mean or a level from 0 to 1, got '{}'", options_.fill);
  }
}

std::string Occlusion::legend() const {
  if (options_.measure == "all") return "bright: the outputs change most where a window over the pixel is hidden";
  return "red: it falls where a window over the pixel is hidden; blue: it grows";
}

std::string OcclusionPlusGradient::legend() const {
  return has_sign() ? "red: it falls where a window is hidden; blue: it grows; mean with slope without its sign times brightness"
                    : "bright: mean of what hiding changes and of slope without its sign times brightness";
}

Maps Occlusion::explain(Subject& subject, const Tensor& x, const Question& question) const {
  const int64_t count = x.shape()[0], channels = x.shape()[1], rows = x.shape()[2], columns = x.shape()[3];
  const int64_t window = options_.window > 0 ? options_.window : std::max<int64_t>(4, std::min(rows, columns) / 8);
  const int64_t stride = options_.stride > 0 ? options_.stride : std::max<int64_t>(1, window / 2);
  require(window <= rows && window <= columns, "occlusion: a window of {} is larger than the image, {} x {}", window, rows, columns);
  require(stride <= window, "occlusion: a stride of {} leaves pixels out between windows of {}", stride, window);
  const bool all = options_.measure == "all";
  const Tensor whole = subject.table(x, question.objective);
  const std::vector<double> own = values(whole, question.objective, question.targets);

  Maps maps{Tensor({count, 1, rows, columns}), {}};
  Tensor coverage({rows, columns});
  std::vector<Window> windows;
  for (int64_t n = 0; n < count; ++n)
    for (const int64_t top : beginnings(rows, window, stride))
      for (const int64_t left : beginnings(columns, window, stride)) windows.push_back({n, top, left});
  const auto over = [&](const Window& w, auto&& deed) {
    for (int64_t i = w.top; i < std::min(rows, w.top + window); ++i)
      for (int64_t j = w.left; j < std::min(columns, w.left + window); ++j) deed(i * columns + j);
  };

  for (size_t first = 0; first < windows.size(); first += static_cast<size_t>(subject.batch())) {
    const auto some = std::span(windows).subspan(first, std::min(windows.size() - first, static_cast<size_t>(subject.batch())));
    Tensor hidden(x.shape().with_batch(static_cast<int64_t>(some.size())));
    std::vector<int64_t> targets;
    for (size_t k = 0; k < some.size(); ++k) {
      const auto out = hidden.row(static_cast<int64_t>(k));
      std::copy_n(x.row(some[k].image).data(), out.size(), out.data());
      for (int64_t c = 0; c < channels; ++c) {
        const float level = filling(options_.fill, x, some[k].image, c);
        over(some[k], [&](int64_t i) { out[static_cast<size_t>(c * rows * columns + i)] = level; });
      }
      targets.push_back(question.targets[static_cast<size_t>(some[k].image)]);
    }
    const Tensor table = subject.table(hidden, question.objective);
    const std::vector<double> left = values(table, question.objective, targets);
    for (size_t k = 0; k < some.size(); ++k) {
      const int64_t n = some[k].image;
      double change = own[static_cast<size_t>(n)] - left[k];
      if (all) {
        change = 0;
        for (int64_t y = 0; y < table.shape()[1]; ++y)
          change += std::abs(static_cast<double>(whole.row(n)[static_cast<size_t>(y)]) -
                             table.row(static_cast<int64_t>(k))[static_cast<size_t>(y)]);
      }
      over(some[k], [&](int64_t i) {
        maps.values.row(n)[static_cast<size_t>(i)] += static_cast<float>(change);
        if (n == 0) coverage[i] += 1;
      });
    }
  }
  for (int64_t n = 0; n < count; ++n)
    for (int64_t i = 0; i < rows * columns; ++i) maps.values.row(n)[static_cast<size_t>(i)] /= coverage[i];
  return maps;
}

Maps OcclusionPlusGradient::explain(Subject& subject, const Tensor& x, const Question& question) const {
  Maps maps = occlusion_.explain(subject, x, question);
  normalise_each(maps.values);
  const Tensor product = GradientTimesInput({.absolute = true}).explain(subject, x, question).values;
  const int64_t channels = x.shape()[1], plane = x.shape()[2] * x.shape()[3];
  Tensor sum(maps.values.shape());
  for (int64_t n = 0; n < x.shape()[0]; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t i = 0; i < plane; ++i) sum[n * plane + i] += product[(n * channels + c) * plane + i];
  normalise_each(sum);
  for (int64_t i = 0; i < sum.size(); ++i) maps.values[i] = (maps.values[i] + sum[i]) / 2;
  return maps;
}

}  // namespace convscope
