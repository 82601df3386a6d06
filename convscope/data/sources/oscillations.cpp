#include "convscope/data/sources/oscillations.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>

#include "convscope/base/nearest.h"
#include "convscope/base/random.h"

namespace convscope {

namespace {

constexpr int64_t kSide = 32;

class OscillationImages : public Dataset {
 public:
  /** `part` names the random streams: train, validation or fresh. */
  OscillationImages(const Oscillations::Options& options, const std::string& part, int64_t per_class)
      : frequencies_(options.n_freq),
        noise_(static_cast<float>(options.noise)),
        phases_(static_cast<uint64_t>(options.seed), "oscillations/" + part + "/phases"),
        uniform_(static_cast<uint64_t>(options.seed), "oscillations/" + part + "/noise") {
    const int64_t count = frequencies_ * frequencies_;
    for (int64_t x = 0; x < frequencies_; ++x)
      for (int64_t y = 0; y < frequencies_; ++y) classes_.push_back(fmt::format("x {}/{}, y {}/{}", x, frequencies_, y, frequencies_));
    const RandomStream order(static_cast<uint64_t>(options.seed), "oscillations/" + part + "/labels");
    for (const int64_t place : permutation(count * per_class, order)) labels_.push_back(static_cast<int32_t>(place % count));
  }

  int64_t size() const override { return static_cast<int64_t>(labels_.size()); }
  Shape image_shape() const override { return {1, kSide, kSide}; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int64_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  int64_t number(int64_t index) const override { return index; }

  void pixels(int64_t index, uint64_t, std::span<float> out) const override {
    assert(static_cast<int64_t>(out.size()) == kSide * kSide);
    const int64_t y = label(index);
    oscillation(wave(y / frequencies_, index, 0), wave(y % frequencies_, index, 1), kSide, kSide, out);
    const float scale = 1 / (2 + noise_);
    for (size_t i = 0; i < out.size(); i += 4) {
      const RandomStream::Block words = uniform_.block(i / 4, static_cast<uint64_t>(index));
      for (size_t k = 0; k < 4; ++k) {
        const float u = static_cast<float>(words[k] >> 8) * 0x1p-24f;
        out[i + k] = std::clamp(0.5f + scale * (out[i + k] + noise_ * (u - 0.5f)), 0.0f, 1.0f);  // rounding may leave [0, 1]
      }
    }
  }

 private:
  Wave wave(int64_t frequency, int64_t index, uint64_t direction) const {
    return {.frequency = static_cast<double>(frequency) / static_cast<double>(frequencies_),
            .phase = 2 * std::numbers::pi * phases_.uniform(static_cast<uint64_t>(index), direction)};
  }

  int64_t frequencies_;
  float noise_;
  RandomStream phases_, uniform_;
  std::vector<std::string> classes_;
  std::vector<int32_t> labels_;
};

}  // namespace

void oscillation(const Wave& x, const Wave& y, int64_t rows, int64_t columns, std::span<float> out) {
  assert(static_cast<int64_t>(out.size()) == rows * columns);
  const auto samples = [](const Wave& wave, int64_t count) {
    std::vector<double> all;
    for (int64_t i = 0; i < count; ++i) all.push_back(std::cos(std::numbers::pi * wave.frequency * static_cast<double>(i) + wave.phase));
    return all;
  };
  const std::vector<double> along_row = samples(x, columns), along_column = samples(y, rows);
  auto pixel = out.begin();
  for (const double v : along_column)
    for (const double u : along_row) *pixel++ = static_cast<float>(u * v);
}

Oscillations::Oscillations(Options options) : options_(std::move(options)) {
  constexpr int64_t kMostFrequencies = 100;  // then each class has one image in the test split
  constexpr double kMostNoise = 1e6;
  require(options_.n_freq >= 1 && options_.n_freq <= kMostFrequencies, "oscillations: option 'n_freq' must lie between 1 and {}, got {}",
          kMostFrequencies, options_.n_freq);
  require(options_.noise >= 0 && options_.noise <= kMostNoise, "oscillations: option 'noise' must lie between 0 and {}, got {}", kMostNoise,
          options_.noise);
  const std::vector<std::string> words{"validation", "fresh"};
  require(std::ranges::find(words, options_.test) != words.end(), "oscillations: option 'test' cannot be '{}'{}", options_.test,
          known_names(options_.test, words));
}

std::vector<int64_t> Oscillations::per_class(Split split) const {
  const int64_t classes = options_.n_freq * options_.n_freq, images = split == Split::train ? 20000 : 10000;
  return std::vector<int64_t>(static_cast<size_t>(classes), (images + classes - 1) / classes);
}

std::string Oscillations::how_to_get(const Path&) const { return "there is nothing to get, its images are made from its options"; }

std::shared_ptr<const Dataset> Oscillations::load(Split split, const Path&) const {
  return std::make_shared<OscillationImages>(options_, split == Split::train ? "train" : options_.test, per_class(split)[0]);
}

}  // namespace convscope
