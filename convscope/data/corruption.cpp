#include "convscope/data/corruption.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "convscope/base/split.h"
#include "convscope/data/images8.h"

namespace convscope {

double Chance::uniform() {
  if (left_ == 0) {
    block_ = stream_.block(next_++, number_);
    left_ = 4;
  }
  return block_[static_cast<uint64_t>(4 - left_--)] * 0x1p-32;
}

double Chance::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double length = std::sqrt(-2 * std::log(uniform() + 0x1p-33)), angle = 2 * std::numbers::pi * uniform();
  spare_ = length * std::sin(angle);
  has_spare_ = true;
  return length * std::cos(angle);
}

double Chance::poisson(double mean) {
  if (mean <= 0) return 0;
  if (mean < 10) {
    const double least = std::exp(-mean);
    double product = uniform(), count = 0;
    for (; product > least; ++count) product *= uniform();
    return count;
  }
  const double log_mean = std::log(mean), b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), sure = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = uniform() - 0.5, v = uniform(), us = 0.5 - std::abs(u), k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= sure) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    int sign = 0;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= k * log_mean - mean - ::lgamma_r(k + 1, &sign)) return k;
  }
}

std::string_view kind_name(Corruption::Kind kind) {
  constexpr std::string_view kNames[] = {"noise", "blur", "weather", "digital", "extra"};
  return kNames[static_cast<size_t>(kind)];
}

bool counted(std::string_view corruption) { return corruptions().make(corruption)->kind() != Corruption::Kind::extra; }

std::vector<std::string> parse_corruptions(std::string_view text) {
  if (text == "all") return corruptions().names();
  std::set<std::string> wanted;
  for (const std::string_view part : split(text, '+')) {
    require(!part.empty(), "`corruptions` '{}': names of corruptions with + between them, or all, were wanted", text);
    std::string name(part);
    std::replace(name.begin(), name.end(), '-', '_');
    require(wanted.insert(corruptions().at(name).name).second, "`corruptions` '{}': {} stands there twice", text, name);
  }
  std::vector<std::string> names;
  for (const std::string& name : corruptions().names())
    if (wanted.contains(name)) names.push_back(name);
  return names;
}

void check_corruptible(const Shape& shape) {
  require(shape.rank() == 3 && (shape[0] == 1 || shape[0] == 3) && shape[1] >= 8 && shape[2] >= 8,
          "corruptions: pictures {}; grey or colour, [1 or 3, H, W] with sides from 8 pixels on, were wanted", shape);
}

Corrupter::Corrupter(std::string_view corruption, int64_t severity, uint64_t seed)
    : corruption_(corruptions().make(corruption)),
      severity_(severity),
      stream_(seed, fmt::format("corruption {} {}", corruption, severity)) {
  require(severity >= 1 && severity <= kSeverities, "{}: severity {}; 1 to {} was wanted", corruption, severity, kSeverities);
}

void Corrupter::apply(uint64_t number, uint64_t round, const Shape& shape, std::span<float> pixels) const {
  Planes x(shape[0], shape[1], shape[2]);
  // Published definitions begin with 8 bits; whole 255ths, as double numbers, go through them without loss.
  for (size_t i = 0; i < pixels.size(); ++i) x.values[i] = rounded_level(pixels[i]);
  Chance chance(stream_, number, round);
  corruption_->apply(severity_, chance, x);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = pixel_of_level(static_cast<uint8_t>(std::clamp(x.values[i], 0.0, 1.0) * 255));
}

}  // namespace convscope
