#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/table.h"

namespace convscope {

/**
 * Linear ways to keep every rate-th sample of a line of numbers. All of them are one thing, a matrix D: y = D x for a line, y = D x Dᵀ for
 * a plane; the gradient is the transposed matrix.
 *
 *   plain    y[i] = x[i rate]
 *
 *   blur     a row of Pascal's triangle of `size` numbers over its sum: 1 | 1 1 | 1 2 1 | 1 3 3 1 | …; ⌊(size − 1) / 2⌋ of its taps
 *            stand before the sample; Zhang 2019
 *
 *   area     the mean of rate samples, from the sample on
 *
 *   lanczos  sinc(d / rate) sinc(d / 3 rate), |d| < 3 rate from the middle of the rate samples, over its sum
 *
 *   flc      the line's Fourier series, cut: what is below half of the new rate, 2 rate |k| < H, stays as it is; Grabinski et al. 2022
 *
 *   asap     likewise, its terms times √(0.54 + 0.46 cos 2πk / H), the root of a Hamming window; Grabinski et al. 2023
 *
 * The published flc keeps the term at exactly half of the new rate on one side and drops the imaginary part that this makes; what is left
 * depends on where the samples lie. Here that term goes: flc is a projection, and what it kept folds nowhere. Windows meet the line's end
 * by `edge`; a line that is shorter than the window is reflected again and again. flc and asap take the line as periodic.
 */
struct LineFilterOptions {
  std::string filter = "blur";
  int64_t size = 4;
  std::string edge = "reflect";
  int64_t rate = 2;
  bool dense = false;

  void fields(auto&& field) {
    field("filter", filter, "what the line goes through: plain, blur, area, lanczos, flc or asap");
    field("size", size, "taps of blur, 1 to 7");
    field("edge", edge, "what stands beyond the line for blur, area and lanczos: reflect, replicate, zero or circular");
    field("rate", rate, "samples 0, rate, 2 rate, … stay");
    field("dense", dense, "all samples stay: the signal that the others are dropped from");
  }
  /** `whose` opens the message. */
  void check(std::string_view whose) const;
};

/** A matrix by its rows: numbers that are not 0, and where they stand. */
struct LineMatrix {
  int64_t columns = 0;
  std::vector<int64_t> begins = {0};  // [rows + 1] of each row in the other two
  std::vector<int64_t> places;
  std::vector<double> weights;

  int64_t rows() const { return static_cast<int64_t>(begins.size()) - 1; }
  LineMatrix transposed() const;
  /** [rows, columns], row by row. */
  std::vector<double> dense() const;
};

/** The longest line that a matrix is made for. */
inline constexpr int64_t kLongestLine = 4096;

/** Samples of a line of `extent` that stay. */
int64_t kept_samples(int64_t extent, int64_t rate);

/** D [kept_samples(extent, rate), extent]; with `dense` [extent, extent]. */
LineMatrix line_matrix(const LineFilterOptions& options, int64_t extent);

/** The periodic line moved by any part of a sample, as its Fourier series says: y[i] = x[i − distance]. [extent, extent]. */
LineMatrix moved_line(int64_t extent, double distance);

/** y = down x acrossᵀ, in double; x has down.columns × across.columns numbers, y down.rows() × across.rows(). */
std::vector<double> filtered_plane(const LineMatrix& down, const LineMatrix& across, std::span<const float> x);

/** A member of the family of filters. */
class LineFilter {
 public:
  virtual ~LineFilter() = default;
  /** D with all samples, or with those that stay. */
  virtual LineMatrix matrix(const LineFilterOptions& options, int64_t extent) const = 0;
};
/** The family. */
const Table<LineFilter>& line_filters();

}  // namespace convscope
