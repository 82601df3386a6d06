#pragma once

/**
 * How well x + masks → ReLU → 1×1 weights can do as a 3×3 convolution: the reasoning behind perturbation layers, put to the test.
 * Goals: for one image masks exist that give any output; how fast that ends with more images, and what such masks are worth on others.
 * Non-goal: training networks of masks (models/perturb_resnet18.h).
 *
 *   x    [N, C, P]     C channels at P positions of N images: the pixel in the centre of the window
 *   y    [N, K, P]     what the convolution gives there
 *   ŷ    b_k + Σ_cm w[k, c m] relu(x[n, c, p] + mask[c, m, p])
 */

#include <cstdint>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct MaskFitOptions {
  int64_t masks = 1;    // M, of each channel
  int64_t rounds = 12;  // weights and masks in turn
  uint64_t seed = 1;
};

struct MaskFit {
  Tensor masks;              // [C, M, P]
  std::vector<double> w, b;  // [K, C M], [K]
  double residual = 1;       // on the images that it was fitted to

  /** ŷ [N, K, P]. */
  Tensor predict(const Tensor& x) const;
};

/**
 * Alternating least squares. Weights: least squares for given masks, with a ridge of a millionth. Masks: for given weights each position is
 * a problem of its own with C M unknowns, for which one step by Levenberg and Marquardt is taken. No step that makes the sum of squares
 * larger is taken, so the residual never rises. There are local minima; of two beginnings (all maps active, which is a 1×1 convolution with
 * an own constant at each position; half of them active) the better one is given.
 */
MaskFit fit_masks(const Tensor& x, const Tensor& y, const MaskFitOptions& options);

/** The 1×1 convolution that comes nearest, without masks and ReLU: least squares on x, y, and what it gives for `at`. */
Tensor pointwise_fit(const Tensor& x, const Tensor& y, const Tensor& at);

/** Σ (y − ŷ)² / Σ (y − mean over images and positions)², each channel with its own mean; 1 is what a constant achieves. */
double relative_residual(const Tensor& fit, const Tensor& y);

/** A part of a convolution's work: its input's centres, its output, and the output less the part of the centres. */
struct ConvolutionSample {
  Tensor x, y, noise;  // [N, C, P], [N, K, P] twice
};
/**
 * Of the first `channels` and `filters` of a 3×3 convolution (weight [K, C, 3, 3], stride 1, zero-padded, other channels left out) on maps
 * [N, C, H, W], in the middle `side` × `side` pixels.
 */
ConvolutionSample sample_convolution(const Tensor& maps, const Tensor& weight, int64_t channels, int64_t filters, int64_t side);

/** Where the variance of a 'noise' [N, K, P] over images and positions lies; shares of it. */
struct NoiseShares {
  double by_mask = 0;   // between positions: constant over the images, as any fixed mask is
  double by_pixel = 0;  // over the images, linear in the pixel itself, x [N, C, P]
};
NoiseShares noise_shares(const Tensor& noise, const Tensor& x);

}  // namespace convscope
