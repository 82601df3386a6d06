#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/base/table.h"
#include "convscope/data/planes.h"
#include "convscope/tensor/shape.h"

namespace convscope {

/** Severities are 1 … 5, as published. */
inline constexpr int64_t kSeverities = 5;

/** What chance has for one picture: numbers one after the other, which depend on stream, picture and round alone. */
class Chance {
 public:
  Chance(const RandomStream& stream, uint64_t number, uint64_t round) : stream_(stream), number_(number), next_(round << 32) {}

  /** In [0, 1). */
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /** N(0, 1) by Box and Muller. */
  double normal();
  /** In [0, bound). */
  int64_t below(int64_t bound) { return static_cast<int64_t>(uniform() * static_cast<double>(bound)); }
  /** Hörmann 1993 (PTRS) from a mean of 10 on; below it, as many uniform numbers as their product stays above exp(−mean). */
  double poisson(double mean);

 private:
  const RandomStream& stream_;
  uint64_t number_, next_;
  RandomStream::Block block_ = {};
  int left_ = 0;
  double spare_ = 0;
  bool has_spare_ = false;
};

/**
 * A way in which pictures get worse, at five severities: those of CIFAR-10-C, Hendrycks and Dietterich 2019. A member of the family.
 *
 * Goals: the arithmetic of the published definition for pictures of 32 × 32, for pictures of any size, in colour and grey.
 * Non-goals: the published pictures themselves, whose random numbers nobody kept; data/cifar_c.h reads them.
 *
 * Where a picture has another size, lengths in pixels (of blurs, flakes, drops, waves) are those for 32 × its shorter side / 32; shares of
 * the side (zooms, cells of `pixelate`), noise by pixel and JPEG's blocks of 8 × 8 are what they are. Grey pictures are changed as colour
 * ones whose channels are equal; a colour that comes in (ice, mud, a shift of hue) is taken by its luma.
 */
class Corruption {
 public:
  enum class Kind { noise, blur, weather, digital, extra };

  virtual ~Corruption() = default;
  /** As published; `extra` ones are not counted by benchmarks. */
  virtual Kind kind() const = 0;
  /** Changes x, in [0, 1]; what comes out may lie beyond and is clipped. */
  virtual void apply(int64_t severity, Chance& chance, Planes& x) const = 0;
};

std::string_view kind_name(Corruption::Kind kind);

/** The family. Names are those of the published arrays. */
const Table<Corruption>& corruptions();

/** Whether benchmarks (RobustBench, mCE) count it: 15 of the 19. */
bool counted(std::string_view corruption);

/** "all", or names with + between them, in the table's order; '-' may stand for '_'. None twice. */
std::vector<std::string> parse_corruptions(std::string_view text);

/** One corruption at one severity: 8 bits in, 8 bits out. */
class Corrupter {
 public:
  /** An error where there is no such corruption or severity. */
  Corrupter(std::string_view corruption, int64_t severity, uint64_t seed);

  /** Changes the pixels, [C, H, W] in [0, 1], where they lie; what comes out is cut to whole 255ths, as published. */
  void apply(uint64_t number, uint64_t round, const Shape& shape, std::span<float> pixels) const;

 private:
  std::unique_ptr<const Corruption> corruption_;
  int64_t severity_;
  RandomStream stream_;
};

/** An error where pictures of this shape, [C, H, W], cannot be corrupted. */
void check_corruptible(const Shape& shape);

/** The parameter of a severity. */
template <typename T>
const T& at_severity(const std::array<T, kSeverities>& parameters, int64_t severity) {
  return parameters[static_cast<size_t>(severity - 1)];
}

}  // namespace convscope
