#include "convscope/inspect/attribution/quality/removal.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/inspect/attribution/made_pictures.h"
#include "convscope/inspect/attribution/quality/evidence.h"

namespace convscope {

namespace {

const Objective kProbability{.of = Objective::Of::softmax};

int64_t steps_of(const CheckedQuestion& asked) {
  const int64_t steps = asked.options.steps > 0 ? asked.options.steps : std::min<int64_t>(64, asked.x.shape()[2]);
  return std::min(steps, asked.pixels());
}

std::vector<std::vector<int64_t>> orders(const CheckedQuestion& asked, const Mapmaker& maker) {
  std::vector<std::vector<int64_t>> all;
  for (int64_t n = 0; n < asked.images(); ++n)
    all.push_back(by_evidence(maker.evidence.row(n), asked.question.seed, asked.question.number(n)));
  return all;
}

/** The area of each image, `before` → `after` pixel by pixel in the order of evidence. */
std::vector<double> areas(const CheckedQuestion& asked, const Mapmaker& maker, const Tensor& before, const Tensor& after) {
  const int64_t steps = steps_of(asked), points = steps + 1, pixels = asked.pixels(), channels = asked.x.shape()[1];
  const auto order = orders(asked, maker);
  const std::vector<double> p = numbers_of_made(
      asked.subject, kProbability, asked.images() * points,
      [&](int64_t k, std::span<float> picture) {
        const int64_t n = k / points, changed = k % points * pixels / steps;
        std::copy_n(before.row(n).data(), picture.size(), picture.data());
        for (int64_t i = 0; i < changed; ++i)
          for (int64_t c = 0; c < channels; ++c) {
            const auto at = static_cast<size_t>(c * pixels + order[static_cast<size_t>(n)][static_cast<size_t>(i)]);
            picture[at] = after.row(n)[at];
          }
      },
      [&](int64_t k) { return asked.target(k / points); });
  std::vector<double> all;
  for (int64_t n = 0; n < asked.images(); ++n) {
    const double* curve = p.data() + n * points;
    double sum = -(curve[0] + curve[steps]) / 2;
    for (int64_t k = 0; k < points; ++k) sum += curve[k];
    all.push_back(sum / static_cast<double>(steps));
  }
  return all;
}

struct Neighbour {
  int64_t row, column;
  double weight;
};
constexpr std::array<Neighbour, 8> kNeighbours{{{-1, 0, 1.0 / 6},
                                                {1, 0, 1.0 / 6},
                                                {0, -1, 1.0 / 6},
                                                {0, 1, 1.0 / 6},
                                                {-1, -1, 1.0 / 12},
                                                {-1, 1, 1.0 / 12},
                                                {1, -1, 1.0 / 12},
                                                {1, 1, 1.0 / 12}}};

/** deed(pixel, weight) for each neighbour within the picture. */
template <typename Deed>
void each_neighbour(int64_t pixel, int64_t rows, int64_t columns, Deed&& deed) {
  const int64_t row = pixel / columns, column = pixel % columns;
  for (const Neighbour& n : kNeighbours)
    if (row + n.row >= 0 && row + n.row < rows && column + n.column >= 0 && column + n.column < columns)
      deed((row + n.row) * columns + column + n.column, n.weight);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

std::vector<double> Deletion::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  Tensor grey(asked.x.shape());
  for (int64_t n = 0; n < asked.images(); ++n) {
    const std::vector<float> mean = mean_colour(asked.x.row(n), asked.x.shape()[1]);
    for (size_t c = 0; c < mean.size(); ++c)
      std::fill_n(grey.row(n).data() + static_cast<int64_t>(c) * asked.pixels(), asked.pixels(), mean[c]);
  }
  return areas(asked, maker, asked.x, grey);
}

std::vector<double> Insertion::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  Tensor blurred(asked.x.shape());
  const Shape& s = asked.x.shape();
  for (int64_t n = 0; n < asked.images(); ++n) blur(asked.x.row(n), s[1], s[2], s[3], blurred.row(n));
  return areas(asked, maker, blurred, asked.x);
}

void fill_in(std::span<float> image, int64_t channels, int64_t rows, int64_t columns, const std::vector<bool>& gone) {
  constexpr int kMostSteps = 1000;
  constexpr double kResidual = 1e-4;
  std::vector<int64_t> open, place(gone.size(), -1);
  for (size_t i = 0; i < gone.size(); ++i)
    if (gone[i]) {
      place[i] = std::ssize(open);
      open.push_back(static_cast<int64_t>(i));
    }
  if (open.empty() || open.size() == gone.size()) return;
  // A x: what a pixel's weights add up to times the pixel, less its neighbours that are gone too. Symmetric and positive.
  const auto apply = [&](const std::vector<double>& x, std::vector<double>& y) {
    for (size_t k = 0; k < open.size(); ++k) {
      double own = 0, others = 0;
      each_neighbour(open[k], rows, columns, [&](int64_t pixel, double weight) {
        own += weight;
        if (const int64_t at = place[static_cast<size_t>(pixel)]; at >= 0) others += weight * x[static_cast<size_t>(at)];
      });
      y[k] = own * x[k] - others;
    }
  };
  const size_t count = open.size();
  std::vector<double> x(count), residual(count), direction(count), step(count);
  for (int64_t c = 0; c < channels; ++c) {
    const std::span<float> plane = image.subspan(static_cast<size_t>(c) * gone.size(), gone.size());
    double sum = 0;
    for (size_t i = 0; i < plane.size(); ++i)
      if (!gone[i]) sum += plane[i];
    std::fill(x.begin(), x.end(), sum / static_cast<double>(gone.size() - count));
    apply(x, step);
    double size = 0;
    for (size_t k = 0; k < count; ++k) {
      double known = 0;
      each_neighbour(open[k], rows, columns, [&](int64_t pixel, double weight) {
        if (place[static_cast<size_t>(pixel)] < 0) known += weight * plane[static_cast<size_t>(pixel)];
      });
      residual[k] = known - step[k];
      size += known * known;
    }
    direction = residual;
    double error = dot(residual, residual);
    size = std::max(size, error);  // where all that is known is black
    for (int k = 0; k < kMostSteps && error > kResidual * kResidual * size; ++k) {
      apply(direction, step);
      const double length = error / dot(direction, step);
      for (size_t i = 0; i < count; ++i) {
        x[i] += length * direction[i];
        residual[i] -= length * step[i];
      }
      const double next = dot(residual, residual);
      for (size_t i = 0; i < count; ++i) direction[i] = residual[i] + next / error * direction[i];
      error = next;
    }
    for (size_t k = 0; k < count; ++k) plane[static_cast<size_t>(open[k])] = static_cast<float>(x[k]);
  }
}

std::vector<double> RemoveAndDebias::measure(const CheckedQuestion& asked, const Mapmaker& maker) const {
  constexpr int64_t kGone = 9;  // 10 % … 90 %
  constexpr float kNoise = 0.01f;
  const Shape& s = asked.x.shape();
  const int64_t pixels = asked.pixels();
  const auto order = orders(asked, maker);
  const RandomStream random(asked.question.seed, "map quality/remove and debias");
  const std::vector<double> p = numbers_of_made(
      asked.subject, kProbability, asked.images() * 2 * kGone,
      [&](int64_t k, std::span<float> picture) {
        const int64_t n = k / (2 * kGone), share = k % kGone + 1;
        const bool most_first = k / kGone % 2 == 1;
        const auto& sorted = order[static_cast<size_t>(n)];
        std::vector<bool> gone(static_cast<size_t>(pixels));
        for (int64_t i = 0; i < share * pixels / (kGone + 1); ++i)
          gone[static_cast<size_t>(sorted[static_cast<size_t>(most_first ? i : pixels - 1 - i)])] = true;
        std::copy_n(asked.x.row(n).data(), picture.size(), picture.data());
        fill_in(picture, s[1], s[2], s[3], gone);
        for (size_t i = 0; i < picture.size(); ++i)
          if (gone[i % static_cast<size_t>(pixels)])
            picture[i] = std::clamp(picture[i] + kNoise * random.normal(i, static_cast<uint64_t>(asked.question.number(n)) << 8 |
                                                                               static_cast<uint64_t>(k % (2 * kGone))),
                                    0.0f, 1.0f);
      },
      [&](int64_t k) { return asked.target(k / (2 * kGone)); });
  std::vector<double> all(static_cast<size_t>(asked.images()));
  for (size_t k = 0; k < p.size(); ++k) all[k / (2 * kGone)] += (k / kGone % 2 == 1 ? -1 : 1) * p[k] / (2.0 * static_cast<double>(kGone));
  return all;
}

}  // namespace convscope
