#include "convscope/graph/ops/polyphase.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/threads.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/ops/checks.h"

namespace convscope {

namespace {

constexpr std::string_view kCriteria[] = {"l2", "l1", "l-infinity", "non-abs-max", "l2-min", "l1-min"};
constexpr int64_t kLargestRate = 16;

Shape kept(const Shape& x, int64_t rate) {
  require_images(x);
  require(rate >= 1 && rate <= kLargestRate, "rate is {}; a number from 1 to {} was wanted", rate, kLargestRate);
  return {x[0], x[1], (x[2] + rate - 1) / rate, (x[3] + rate - 1) / rate};
}

void require_choice(const Shape& choice, const Shape& x) { require_shape("the choice", choice, {x[0], 1, 1, 1}); }

/** body(place in x's plane, place in y's) for what way `p` keeps. */
void each_kept(int64_t height, int64_t width, int64_t rate, int64_t p, auto&& body) {
  const int64_t rows = (height + rate - 1) / rate, columns = (width + rate - 1) / rate, first = p / rate;
  const int64_t straight = std::min(columns, (std::max<int64_t>(0, width - first) + rate - 1) / rate);  // columns that do not go round
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t row = (rate * i + p % rate) % height * width;
    for (int64_t j = 0; j < straight; ++j) body(row + rate * j + first, i * columns + j);
    for (int64_t j = straight; j < columns; ++j) body(row + (rate * j + first) % width, i * columns + j);
  }
}

int64_t choice_of(const Tensor& choice, int64_t n, int64_t rate) {
  const float p = choice[n];
  require(p >= 0 && p < static_cast<float>(rate * rate), "choice {} of image {}; 0 to {} were wanted", p, n, rate * rate - 1);
  return static_cast<int64_t>(p);
}

/** What the criterion adds up, or takes the largest of, for what way `p` keeps of one image; larger is better. */
double score(std::string_view criterion, std::span<const float> x, const Shape& shape, int64_t rate, int64_t p) {
  const int64_t plane = shape[2] * shape[3];
  const auto over_kept = [&](double all, auto&& with) {
    for (int64_t c = 0; c < shape[1]; ++c) {
      const float* own = x.data() + c * plane;
      each_kept(shape[2], shape[3], rate, p, [&](int64_t at, int64_t) { all = with(all, static_cast<double>(own[at])); });
    }
    return all;
  };
  constexpr double kLeast = -std::numeric_limits<double>::infinity();
  if (criterion == "l-infinity") return over_kept(kLeast, [](double all, double v) { return std::max(all, std::abs(v)); });
  if (criterion == "non-abs-max") return over_kept(kLeast, [](double all, double v) { return std::max(all, v); });
  const double sum = criterion.starts_with("l2") ? over_kept(0, [](double all, double v) { return all + v * v; })
                                                 : over_kept(0, [](double all, double v) { return all + std::abs(v); });
  return criterion.ends_with("-min") ? -sum : sum;
}

}  // namespace

std::vector<Shape> PolyphaseChoiceOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 1, 1);
  (void)kept(in[0], options_.rate);
  require(std::find(std::begin(kCriteria), std::end(kCriteria), options_.criterion) != std::end(kCriteria),
          "criterion '{}'; l2, l1, l-infinity, non-abs-max, l2-min or l1-min was wanted", options_.criterion);
  return {{in[0][0], 1, 1, 1}};
}

void PolyphaseChoiceOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Tensor& x = *in[0];
  const int64_t rate = options_.rate;
  parallel(x.shape()[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      double best = 0;
      for (int64_t p = 0; p < rate * rate; ++p) {
        const double here = score(options_.criterion, x.row(n), x.shape(), rate, p);
        if (p > 0 && !(here > best)) continue;
        best = here;
        (*out[0])[n] = static_cast<float>(p);
      }
    }
  });
}

std::vector<Shape> PolyphaseTakeOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  const Shape y = kept(in[0], options_.rate);
  require_choice(in[1], in[0]);
  return {y};
}

void PolyphaseTakeOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape x = in[0]->shape(), y = out[0]->shape();
  parallel(x[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t p = choice_of(*in[1], n, options_.rate);
      for (int64_t c = 0; c < x[1]; ++c) {
        const float* from = in[0]->data() + (n * x[1] + c) * x[2] * x[3];
        float* to = out[0]->data() + (n * x[1] + c) * y[2] * y[3];
        each_kept(x[2], x[3], options_.rate, p, [&](int64_t i, int64_t k) { to[k] = from[i]; });
      }
    }
  });
}

void PolyphaseTakeOp::gradient(GradientSite& site) const {
  if (!site.wanted(0)) return;
  const Shape& x = site.shape(site.in(0));
  const PolyphaseTakeBackwardOptions options{options_, x[2], x[3]};
  site.give(0, site.add("backward", std::make_shared<PolyphaseTakeBackwardOp>(options), {site.upstream(), site.in(1)}));
}

std::vector<Shape> PolyphaseTakeBackwardOp::shapes(std::span<const Shape> in) const {
  require_inputs(kKind, in.size(), 2, 2);
  require_images(in[0]);
  require_count("rows", options_.rows, 1);
  require_count("columns", options_.columns, 1);
  const Shape x = {in[0][0], in[0][1], options_.rows, options_.columns};
  require_shape("the gradient", in[0], kept(x, options_.rate));
  require_choice(in[1], x);
  return {x};
}

void PolyphaseTakeBackwardOp::run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const {
  const Shape y = in[0]->shape(), x = out[0]->shape();
  fill(*out[0], 0);
  parallel(x[0], 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t p = choice_of(*in[1], n, options_.rate);
      for (int64_t c = 0; c < x[1]; ++c) {
        const float* from = in[0]->data() + (n * x[1] + c) * y[2] * y[3];
        float* to = out[0]->data() + (n * x[1] + c) * x[2] * x[3];
        each_kept(x[2], x[3], options_.rate, p, [&](int64_t i, int64_t k) { to[i] += from[k]; });
      }
    }
  });
}

}  // namespace convscope
