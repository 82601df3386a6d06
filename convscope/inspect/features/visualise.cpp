#include "convscope/inspect/features/visualise.h"

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/inspect/features/warp.h"

namespace convscope {

namespace {

constexpr double kNoise = 0.01;  // of crops, as a share of the range of pixels: normal, and as much evenly spread

/** Adam's moments of one picture's numbers, Kingma and Ba 2015; with Nesterov's look ahead, Dozat 2016. */
class Climb {
 public:
  explicit Climb(size_t size) : first_(size), second_(size) {}
  void step(std::span<float> numbers, std::span<const float> slope, double rate, int64_t step, bool nesterov) {
    constexpr double kFirst = 0.9, kSecond = 0.999, kLeast = 1e-8;
    const auto bias = [](double decay, int64_t steps) { return 1 - std::pow(decay, static_cast<double>(steps)); };
    const double first = bias(kFirst, step), second = bias(kSecond, step), ahead = bias(kFirst, step + 1);
    for (size_t i = 0; i < numbers.size(); ++i) {
      const double g = slope[i];
      first_[i] = kFirst * first_[i] + (1 - kFirst) * g;
      second_[i] = kSecond * second_[i] + (1 - kSecond) * g * g;
      const double way = nesterov ? kFirst * first_[i] / ahead + (1 - kFirst) * g / first : first_[i] / first;
      numbers[i] += static_cast<float>(rate * way / (std::sqrt(second_[i] / second) + kLeast));
    }
  }

 private:
  std::vector<double> first_, second_;
};

}  // namespace

Visualised visualise(Driven& driven, const Parametrisation& parameters, std::span<const int64_t> draws, const VisualiseOptions& options,
                     const std::function<void(int64_t done, int64_t total)>& progress) {
  using Seen = VisualiseOptions::Seen;
  const Shape image = driven.image();
  const int64_t count = driven.count();
  require(count > 0 && std::ssize(draws) == count, "{} pictures with {} beginnings", count, draws.size());
  const RandomStream beginning(options.seed, "feature/begin"), turns(options.seed, "feature/transforms"),
      grain(options.seed, "feature/noise");
  Tensor numbers({count, parameters.size()}), slopes(numbers.shape());
  for (int64_t n = 0; n < count; ++n)
    for (int64_t i = 0; i < parameters.size(); ++i)
      numbers.row(n)[static_cast<size_t>(i)] =
          parameters.spread() * beginning.normal(static_cast<uint64_t>(i), static_cast<uint64_t>(draws[static_cast<size_t>(n)]));
  std::vector<Climb> climbs(static_cast<size_t>(count), Climb(static_cast<size_t>(parameters.size())));

  Visualised made;
  made.pictures = Tensor({count, image[0], image[1], image[2]});
  made.transparency = Tensor({count, image[1], image[2]});
  made.opened.resize(static_cast<size_t>(count));
  Tensor seen(made.pictures.shape()), whole(made.pictures.shape());
  const auto each = [&](auto&& deed) {
    parallel(count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) deed(n);
    });
  };
  const auto draw = [&](int64_t n) { parameters.picture(numbers.row(n), made.pictures.row(n)); };
  each(draw);
  made.begin = driven.numbers(made.pictures);
  const int64_t views = options.seen == Seen::cropped ? options.crops : 1;
  for (int64_t step = 1; step <= options.steps; ++step) {
    fill(whole, 0);
    for (int64_t view = 0; view < views; ++view) {
      const auto drawn = static_cast<uint64_t>(step * views + view);
      const Warp by = options.seen == Seen::as_it_is ? Warp{}
                      : options.seen == Seen::warped ? random_warp(image, turns, static_cast<uint64_t>(step))
                                                     : random_crop(image, turns, drawn);
      const bool moved = options.seen != Seen::as_it_is;
      if (moved)
        each([&](int64_t n) {
          warp(made.pictures.row(n), image, by, seen.row(n));
          if (options.seen != Seen::cropped) return;
          const std::span<float> row = seen.row(n);
          for (size_t i = 0; i < row.size(); ++i)
            row[i] += static_cast<float>(kNoise * (grain.normal(i, 2 * drawn) + grain.uniform(i, 2 * drawn + 1) - 0.5));
        });
      const SeededNetwork::Slopes here = driven.slopes(moved ? seen : made.pictures, step <= options.redirected);
      each([&](int64_t n) {
        made.opened[static_cast<size_t>(n)] += here.opened[static_cast<size_t>(n)];
        std::vector<float> turned(here.gradient.row(n).begin(), here.gradient.row(n).end());
        if (moved) warp_slope(here.gradient.row(n), image, by, turned);
        const std::span<float> sum = whole.row(n);
        for (size_t i = 0; i < turned.size(); ++i) sum[i] += turned[i] / static_cast<float>(views);
      });
    }
    each([&](int64_t n) {
      const std::span<const float> slope = whole.row(n);
      const std::span<float> glass = made.transparency.row(n);
      for (size_t i = 0; i < slope.size(); ++i) glass[i % glass.size()] += std::abs(slope[i]) / static_cast<float>(image[0]);
      parameters.slope(numbers.row(n), made.pictures.row(n), slope, slopes.row(n));
      climbs[static_cast<size_t>(n)].step(numbers.row(n), slopes.row(n), options.rate, step, options.nesterov);
      draw(n);
    });
    if (progress) progress(step * count, options.steps * count);
  }
  made.end = driven.numbers(made.pictures);
  return made;
}

}  // namespace convscope
