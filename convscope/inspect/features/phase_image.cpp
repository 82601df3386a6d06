#include "convscope/inspect/features/phase_image.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/threads.h"
#include "convscope/tensor/symmetric.h"

namespace convscope {

namespace {

constexpr int64_t kTogether = 64;        // pictures in memory at once
constexpr double kLeastVariance = 1e-8;  // of an axis of colours, of the largest one

/** deed(x [C, H, W]) for each picture, in their order. */
template <typename Deed>
void each_picture(const Shape& image, int64_t count, const FillPictures& fill, Deed&& deed) {
  const auto one = static_cast<size_t>(image.size());
  std::vector<float> x;
  for (int64_t first = 0; first < count; first += kTogether) {
    x.resize(static_cast<size_t>(std::min(kTogether, count - first)) * one);
    fill(first, x);
    deed(first, std::span<const float>(x));
  }
}

/** Mean and covariance of the pixels' colours, and from them how z becomes colours and colours z. */
struct Colours {
  std::vector<double> mean, to_axes;  // [C], [C, C]: z = to_axes (p − mean)
  std::vector<double> colours;        // [C, C]: of z, in pixels
};

Colours colours_of(const Shape& image, int64_t count, const FillPictures& fill) {
  const auto channels = static_cast<size_t>(image[0]), plane = static_cast<size_t>(image[1] * image[2]);
  std::vector<double> sum(channels), products(channels * channels);
  each_picture(image, count, fill, [&](int64_t, std::span<const float> x) {
    for (size_t n = 0; n < x.size() / (channels * plane); ++n)
      for (size_t i = 0; i < plane; ++i)
        for (size_t a = 0; a < channels; ++a) {
          const double p = x[(n * channels + a) * plane + i];
          sum[a] += p;
          for (size_t b = 0; b <= a; ++b) products[a * channels + b] += p * x[(n * channels + b) * plane + i];
        }
  });
  const double pixels = static_cast<double>(count) * static_cast<double>(plane);
  Colours found;
  for (const double s : sum) found.mean.push_back(s / pixels);
  std::vector<double> covariance(channels * channels);
  for (size_t a = 0; a < channels; ++a)
    for (size_t b = 0; b <= a; ++b)
      covariance[a * channels + b] = covariance[b * channels + a] = products[a * channels + b] / pixels - found.mean[a] * found.mean[b];
  const SymmetricEigen axes = symmetric_eigen(covariance);
  require(axes.values.front() > 1e-12, "maco: {} pictures of one colour have no spectrum to take magnitudes from", count);
  found.to_axes.resize(channels * channels);
  found.colours.resize(channels * channels);
  for (size_t k = 0; k < channels; ++k) {
    if (axes.values[k] <= kLeastVariance * axes.values.front()) continue;
    const double deviation = std::sqrt(axes.values[k]);
    for (size_t c = 0; c < channels; ++c) {
      found.to_axes[k * channels + c] = axes.vectors[k * channels + c] / deviation;
      found.colours[c * channels + k] = axes.vectors[k * channels + c] * deviation;
    }
  }
  return found;
}

}  // namespace

SpectrumTemplate spectrum_template(const Shape& image, int64_t count, const FillPictures& fill) {
  require(count >= 1, "maco: no picture to take magnitudes from");
  const auto channels = static_cast<size_t>(image[0]), plane = static_cast<size_t>(image[1] * image[2]);
  const HalfSpectrum transform(image[1], image[2]);
  const auto half = static_cast<size_t>(image[1] * transform.half());
  const Colours colours = colours_of(image, count, fill);

  std::vector<double> sum(channels * half);
  each_picture(image, count, fill, [&](int64_t, std::span<const float> x) {
    const auto some = static_cast<int64_t>(x.size() / (channels * plane));
    std::vector<float> own(static_cast<size_t>(some) * channels * half);  // magnitudes of each picture: added up in their order
    parallel(some, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> z(plane), spectrum(2 * half);
      for (auto n = static_cast<size_t>(begin); n < static_cast<size_t>(end); ++n)
        for (size_t k = 0; k < channels; ++k) {
          std::fill(z.begin(), z.end(), 0.0f);
          for (size_t c = 0; c < channels; ++c)
            for (size_t i = 0; i < plane; ++i)
              z[i] += static_cast<float>(colours.to_axes[k * channels + c] * (x[(n * channels + c) * plane + i] - colours.mean[c]));
          transform.forward(z, spectrum);
          for (size_t i = 0; i < half; ++i) own[(n * channels + k) * half + i] = std::hypot(spectrum[i], spectrum[half + i]);
        }
    });
    for (size_t i = 0; i < own.size(); ++i) sum[i % sum.size()] += own[i];
  });

  SpectrumTemplate made;
  made.pictures = count;
  double energy = 0;
  for (size_t k = 0; k < channels; ++k) {
    sum[k * half] = 0;  // the mean is `middle`
    for (size_t i = 0; i < half; ++i) {
      const double mean = sum[k * half + i] / static_cast<double>(count);
      energy += static_cast<double>(transform.count(static_cast<int64_t>(i) % transform.half())) * mean * mean;
    }
  }
  const double area = static_cast<double>(plane), variance = energy / (area * area) / static_cast<double>(channels);
  require(variance > 0, "maco: {} pictures without any structure have no spectrum to take magnitudes from", count);
  for (const double s : sum) made.magnitude.push_back(static_cast<float>(s / static_cast<double>(count) / std::sqrt(variance)));
  for (size_t c = 0; c < channels; ++c) {
    const double mean = std::clamp(colours.mean[c], 0.02, 0.98);
    made.middle.push_back(std::log(mean / (1 - mean)));
    for (size_t k = 0; k < channels; ++k) made.colours.push_back(colours.colours[c * channels + k] / (mean * (1 - mean)));
  }
  return made;
}

PhaseParameters::PhaseParameters(const Shape& image, std::shared_ptr<const SpectrumTemplate> spectrum)
    : channels_(image[0]), transform_(image[1], image[2]), spectrum_(std::move(spectrum)) {
  const int64_t rows = image[1], half = transform_.half();
  require(std::ssize(spectrum_->magnitude) == channels_ * rows * half, "maco: a template of {} magnitudes for pictures {}",
          spectrum_->magnitude.size(), image);
  for (int64_t u = 0; u < rows; ++u)
    for (int64_t v = 0; v < half; ++v) {
      if (transform_.count(v) == 2)
        places_.push_back({u * half + v, -1});
      else if (u >= 1 && 2 * u < rows)
        places_.push_back({u * half + v, (rows - u) * half + v});
    }
  free_ = std::ssize(places_);
  require(free_ >= 2, "maco: pictures {} have no phases to speak of", image);
}

PhaseParameters::Standing PhaseParameters::standing(std::span<const float> numbers) {
  double sum = 0, squares = 0;
  for (const float v : numbers) sum += v;
  const double mean = sum / static_cast<double>(numbers.size());
  for (const float v : numbers) squares += (v - mean) * (v - mean);
  return {mean, std::sqrt(squares / static_cast<double>(numbers.size()))};
}

namespace {
constexpr double kLeastDeviation = 1e-4;
}

void PhaseParameters::planes(std::span<const float> numbers, std::span<float> z) const {
  const Standing own = standing(numbers);
  const auto half = static_cast<size_t>(transform_.rows() * transform_.half());
  const auto plane = static_cast<size_t>(transform_.rows() * transform_.columns());
  std::vector<float> spectrum(2 * half);
  for (size_t c = 0; c < static_cast<size_t>(channels_); ++c) {
    const std::span<const float> magnitude = std::span<const float>(spectrum_->magnitude).subspan(c * half, half);
    std::copy(magnitude.begin(), magnitude.end(), spectrum.begin());
    std::fill(spectrum.begin() + static_cast<ptrdiff_t>(half), spectrum.end(), 0.0f);
    for (size_t i = 0; i < places_.size(); ++i) {
      const double phase = (numbers[c * places_.size() + i] - own.mean) / (own.deviation + kLeastDeviation);
      const auto at = static_cast<size_t>(places_[i].at);
      spectrum[at] = static_cast<float>(magnitude[at] * std::cos(phase));
      spectrum[half + at] = static_cast<float>(magnitude[at] * std::sin(phase));
      if (places_[i].mirror < 0) continue;
      const auto mirror = static_cast<size_t>(places_[i].mirror);
      spectrum[mirror] = spectrum[at];
      spectrum[half + mirror] = -spectrum[half + at];
    }
    transform_.inverse(spectrum, z.subspan(c * plane, plane));
  }
}

void PhaseParameters::picture(std::span<const float> numbers, std::span<float> picture) const {
  planes(numbers, picture);
  const auto channels = static_cast<size_t>(channels_), plane = picture.size() / channels;
  std::vector<double> t(channels);
  for (size_t i = 0; i < plane; ++i) {
    for (size_t k = 0; k < channels; ++k) {
      t[k] = spectrum_->middle[k];
      for (size_t c = 0; c < channels; ++c) t[k] += spectrum_->colours[k * channels + c] * picture[c * plane + i];
    }
    for (size_t k = 0; k < channels; ++k) picture[k * plane + i] = static_cast<float>(1 / (1 + std::exp(-t[k])));
  }
}

void PhaseParameters::slope(std::span<const float> numbers, std::span<const float> picture, std::span<const float> picture_slope,
                            std::span<float> numbers_slope) const {
  const auto channels = static_cast<size_t>(channels_), plane = picture.size() / channels;
  const auto half = static_cast<size_t>(transform_.rows() * transform_.half());
  const Standing own = standing(numbers);
  const double scale = 1 / (own.deviation + kLeastDeviation);
  std::vector<float> g(plane), spectrum(2 * half);
  std::vector<double> phase_slope(numbers.size()), phases(numbers.size());
  for (size_t c = 0; c < channels; ++c) {
    std::fill(g.begin(), g.end(), 0.0f);
    for (size_t k = 0; k < channels; ++k)
      for (size_t i = 0; i < plane; ++i) {
        const double p = picture[k * plane + i];
        g[i] += static_cast<float>(spectrum_->colours[k * channels + c] * picture_slope[k * plane + i] * p * (1 - p));
      }
    transform_.adjoint(g, spectrum);
    for (size_t i = 0; i < places_.size(); ++i) {
      const size_t n = c * places_.size() + i;
      const double phase = phases[n] = (numbers[n] - own.mean) * scale;
      const auto at = static_cast<size_t>(places_[i].at);
      double real = spectrum[at], rest = spectrum[half + at];
      if (places_[i].mirror >= 0) {
        real += spectrum[static_cast<size_t>(places_[i].mirror)];
        rest -= spectrum[half + static_cast<size_t>(places_[i].mirror)];
      }
      phase_slope[n] = spectrum_->magnitude[c * half + at] * (rest * std::cos(phase) - real * std::sin(phase));
    }
  }
  // Through φ̂ = (φ − m) / (d + ε): what moves all phases alike, or all away from their mean, moves nothing.
  double mean = 0, along = 0;
  for (size_t n = 0; n < phases.size(); ++n) {
    mean += phase_slope[n];
    along += phase_slope[n] * (numbers[n] - own.mean);
  }
  const double count = static_cast<double>(phases.size());
  mean /= count;
  along = own.deviation > 0 ? along / (count * own.deviation) : 0;
  for (size_t n = 0; n < phases.size(); ++n) numbers_slope[n] = static_cast<float>(scale * (phase_slope[n] - mean - phases[n] * along));
}

}  // namespace convscope
