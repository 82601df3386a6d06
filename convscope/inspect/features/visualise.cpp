#include "convscope/inspect/features/visualise.h"

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/inspect/features/warp.h"

namespace convscope {

namespace {

constexpr float kFirstDeviation = 0.01f;

/** Adam's moments of one picture's numbers; Kingma and Ba 2015. */
class Climb {
 public:
  explicit Climb(size_t size) : first_(size), second_(size) {}
  void step(std::span<float> numbers, std::span<const float> slope, double rate, int64_t step) {
    constexpr double kFirst = 0.9, kSecond = 0.999, kLeast = 1e-8;
    const double first = 1 - std::pow(kFirst, static_cast<double>(step)), second = 1 - std::pow(kSecond, static_cast<double>(step));
    for (size_t i = 0; i < numbers.size(); ++i) {
      const double g = slope[i];
      first_[i] = kFirst * first_[i] + (1 - kFirst) * g;
      second_[i] = kSecond * second_[i] + (1 - kSecond) * g * g;
      numbers[i] += static_cast<float>(rate * first_[i] / first / (std::sqrt(second_[i] / second) + kLeast));
    }
  }

 private:
  std::vector<double> first_, second_;
};

}  // namespace

Visualised visualise(Subject& subject, const Objective& objective, std::span<const int64_t> targets, std::span<const int64_t> draws,
                     const VisualiseOptions& options, const std::function<void(int64_t done, int64_t total)>& progress) {
  const Shape image = subject.image();
  const int64_t count = std::ssize(targets);
  require(count > 0 && std::ssize(draws) == count, "{} pictures with {} beginnings", count, draws.size());
  const PictureParameters parameters(image, options.parameters);
  const RandomStream beginning(options.seed, "feature/begin"), turns(options.seed, "feature/transforms");
  Tensor numbers({count, parameters.size()}), slopes(numbers.shape());
  for (int64_t n = 0; n < count; ++n)
    for (int64_t i = 0; i < parameters.size(); ++i)
      numbers.row(n)[static_cast<size_t>(i)] =
          kFirstDeviation * beginning.normal(static_cast<uint64_t>(i), static_cast<uint64_t>(draws[static_cast<size_t>(n)]));
  std::vector<Climb> climbs(static_cast<size_t>(count), Climb(static_cast<size_t>(parameters.size())));

  Visualised made{Tensor({count, image[0], image[1], image[2]}), {}, {}};
  Tensor seen(made.pictures.shape());
  const auto each = [&](auto&& deed) {
    parallel(count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) deed(n);
    });
  };
  const auto draw = [&](int64_t n) { parameters.picture(numbers.row(n), made.pictures.row(n)); };
  each(draw);
  made.begin = values(subject.table(made.pictures, objective), objective, targets);
  for (int64_t step = 1; step <= options.steps; ++step) {
    const Warp by = options.transforms ? random_warp(image, turns, static_cast<uint64_t>(step)) : Warp{};
    if (options.transforms) each([&](int64_t n) { warp(made.pictures.row(n), image, by, seen.row(n)); });
    Tensor slope = subject.slope(options.transforms ? seen : made.pictures, objective, targets).gradient;
    each([&](int64_t n) {
      if (options.minimise)
        for (float& v : slope.row(n)) v = -v;
      std::vector<float> turned(slope.row(n).begin(), slope.row(n).end());
      if (options.transforms) warp_slope(slope.row(n), image, by, turned);
      parameters.slope(made.pictures.row(n), turned, slopes.row(n));
      climbs[static_cast<size_t>(n)].step(numbers.row(n), slopes.row(n), options.rate, step);
      draw(n);
    });
    if (progress) progress(step * count, options.steps * count);
  }
  made.end = values(subject.table(made.pictures, objective), objective, targets);
  return made;
}

}  // namespace convscope
