#pragma once

#include "convscope/graph/op.h"

namespace convscope {

/**
 * Adaptive polyphase sampling, Chaman and Dokmanić 2021: of the rate² ways to keep every rate-th row and column each image keeps the one
 * whose numbers are largest. A picture that moves in a circle moves what is kept, and nothing else.
 *
 *   x       [N, C, H, W]
 *   choice  [N, 1, 1, 1]     p = rate · (first column) + first row, 0 … rate² − 1
 *   y       [N, C, H', W']   y[i, j] = x[(rate i + first row) mod H, (rate j + first column) mod W],  H' = ⌈H / rate⌉, W' alike
 *
 * A line that is no multiple of the rate goes on at its other end. Of equals the first is chosen. The choice has no slope: the gradient
 * goes through what was kept alone.
 */
struct PolyphaseChoiceOptions {
  int64_t rate = 2;
  std::string criterion = "l2";
  void fields(auto&& field) {
    field("rate", rate, "every rate-th row and column");
    field("criterion", criterion,
          "what is to be largest, over channels and places: l2, l1, l-infinity, non-abs-max; or smallest: l2-min, l1-min");
  }
};
/** x → choice. */
class PolyphaseChoiceOp : public OpOf<PolyphaseChoiceOp, PolyphaseChoiceOptions> {
 public:
  static constexpr std::string_view kKind = "polyphase-choice";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

struct PolyphaseOptions {
  int64_t rate = 2;
  void fields(auto&& field) { field("rate", rate, "every rate-th row and column"); }
};
/** (x, choice) → y. */
class PolyphaseTakeOp : public OpOf<PolyphaseTakeOp, PolyphaseOptions> {
 public:
  static constexpr std::string_view kKind = "polyphase-take";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};

struct PolyphaseTakeBackwardOptions : PolyphaseOptions {
  int64_t rows = 1, columns = 1;
  void fields(auto&& field) {
    PolyphaseOptions::fields(field);
    field("rows", rows, "H of x");
    field("columns", columns, "W of x");
  }
};
/** (dy, choice) → dx, zero at the dropped samples. */
class PolyphaseTakeBackwardOp : public OpOf<PolyphaseTakeBackwardOp, PolyphaseTakeBackwardOptions> {
 public:
  static constexpr std::string_view kKind = "polyphase-take-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope
