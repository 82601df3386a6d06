#pragma once

/**
 * The family of numbers that tell how good maps are. A member measures the maps of a method and of controls alike; what follows from them
 * is results/map_quality.h's.
 */

#include <functional>

#include "convscope/inspect/attribution/attribution.h"
#include "convscope/results/map_quality.h"
#include "convscope/results/spread.h"

namespace convscope {

/** Rows top … bottom − 1 and columns left … right − 1 of a picture. */
struct PixelBox {
  int64_t left = 0, top = 0, right = 0, bottom = 0;
  bool holds(int64_t row, int64_t column) const { return row >= top && row < bottom && column >= left && column < right; }
};

/** How finely quality is measured. */
struct QualityOptions {
  int64_t steps = 0;                              // points of a curve beside its first; 0: one a row, 64 at most
  int64_t draws = 10;                             // copies of each image with a little noise
  std::vector<std::vector<PixelBox>> boxes = {};  // [N] where each image's target is; empty: nobody knows
};

/** What is explained, and what explains it is asked about. */
struct CheckedQuestion {
  Subject& subject;
  const Tensor& x;           // [N, C, H, W]
  const Question& question;  // of classes
  QualityOptions options;
  int64_t stages = 0;  // states of the network with ever more layers drawn anew

  int64_t images() const { return x.shape()[0]; }
  int64_t pixels() const { return x.shape()[2] * x.shape()[3]; }
  int64_t target(int64_t n) const { return question.targets[static_cast<size_t>(n)]; }
};

/** The method or a control. */
struct Mapmaker {
  Tensor evidence;  // [N, 1, H, W] of the images
  /** Of other pixels [draws · N, …] of these images, all of them once a draw; the noise is drawn anew each time, a method draws by seed and
   * image number. */
  std::function<Tensor(const Tensor& x, int64_t draws)> other = {};
  /** Of the images, by the network in a state 1 … stages. */
  std::function<Tensor(int64_t stage)> redrawn = {};
};

class MapMetric {
 public:
  virtual ~MapMetric() = default;
  /** Whether what it wants to know is there. */
  virtual bool applies(const CheckedQuestion&) const { return true; }
  virtual bool higher_is_better() const = 0;
  /** What its mean can be, which an interval does not leave. */
  virtual Bounds bounds() const { return kShares; }
  virtual Judged rule() const { return Judged::against_controls; }
  /** [N], a number for each image; NaN where it is not defined. */
  virtual std::vector<double> measure(const CheckedQuestion& asked, const Mapmaker& maker) const = 0;
  /** [S][N], where that number is the mean over S states of the network: the number of each state; else empty. */
  virtual std::vector<std::vector<double>> curve(const CheckedQuestion&, const Mapmaker&) const { return {}; }
};

/** The family. */
const Table<MapMetric>& map_metrics();

}  // namespace convscope
