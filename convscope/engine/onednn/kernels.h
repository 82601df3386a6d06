#pragma once

/**
 * Elementwise and statistical passes over activations, vectorised, on the layout at hand.
 * Goals: each pass reads and writes memory once; sums do not depend on timing, only on the count of threads; padded channels stay zero.
 */

#include <cstdint>

#include "convscope/graph/ops/activation.h"

namespace convscope::kernels {

/** Activations in memory: [images][blocks][points][lanes], channel = block · lanes + lane. nChw16c has 16 lanes, nhwc one block. */
struct Grid {
  int64_t images = 1, blocks = 1, points = 1, lanes = 1;
  int64_t channels = 1;  // real ones; the lanes behind are padding
  bool bf16 = false;

  int64_t padded_channels() const { return blocks * lanes; }
  int64_t image_size() const { return blocks * points * lanes; }
  int64_t size() const { return images * image_size(); }
};

/**
 * Batch norm over (images, points) of each channel. `partial` is scratch.
 * y = relu(x · scale + shift + residual); residual may be null.
 */
void batch_norm_forward(const Grid& grid, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                        const void* residual, bool relu, void* y, float* mean, float* variance, double* partial);
/** The same result again from statistics that are known: cheaper than keeping it. The same bits. */
void batch_norm_again(const Grid& grid, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                      const void* residual, bool relu, void* y, const float* mean, const float* variance, double* partial);
/** y = relu(x · scale + shift + residual), scale and shift [padded channels]; y may be x or residual. */
void affine(const Grid& grid, const void* x, const float* scale, const float* shift, const void* residual, bool relu, void* y);

struct BatchNormBackward {
  const void* x;
  const void* y;  // the mask's source with a residual; null without
  const void* upstream[2];
  const float* gamma;
  int64_t gamma_step;  // 0: one gamma for all channels
  const float* beta;
  const float* mean;
  const float* variance;
  double eps;
  bool relu;
  void* dx;
  void* dresidual;  // null without a residual
  float* dgamma;
  float* dbeta;
};
/** `partial`: `batch_norm_partials(grid)` numbers of scratch. */
void batch_norm_backward(const Grid& grid, const BatchNormBackward& a, double* partial);
int64_t batch_norm_partials(const Grid& grid);

/** Positions of an image that `activation_norm` takes together over all images: they stay in L1. */
inline constexpr int64_t kPositions = 64;
/**
 * Batch norm over images alone, each (channel, row, column) by itself, one gamma and beta for all. mean and variance are
 * [channels, points] in plain order.
 */
void activation_norm_forward(const Grid& grid, const void* x, float gamma, float beta, double eps, bool relu, void* y, float* mean,
                             float* variance);
void activation_norm_again(const Grid& grid, const void* x, float gamma, float beta, double eps, bool relu, void* y, const float* mean,
                           const float* variance);
/** Here x, upstream and dx alone of `a` lie on the grid; partial: `activation_norm_partials(grid)` numbers of scratch. */
void activation_norm_backward(const Grid& grid, const BatchNormBackward& a, double* partial);
int64_t activation_norm_partials(const Grid& grid);
/** y = relu(x · scale + shift), scale and shift [image size] in the grid's order. */
void activation_affine(const Grid& grid, const void* x, const float* scale, const float* shift, bool relu, void* y);

/**
 * Inverted dropout, y = x · [u ≥ threshold · 2⁻²⁴] · scale, with u drawn as RandomStream does: number of the element in [C, H, W] order,
 * `part` of the image. Four points share a block of random words, so the points of a plane are a multiple of 4.
 */
void dropout(const Grid& grid, const void* x, const uint32_t* key, const uint64_t* part, uint32_t threshold, float scale, void* y);

/** y = x · (sign > 0 ? 1 : slope), slope = lower + (upper − lower) u, u drawn as in `dropout`. y may be sign or x. */
void random_slope(const Grid& grid, const void* sign, const void* x, const uint32_t* key, const uint64_t* part, float lower, float upper,
                  void* y);

/** out = f(x), number by number: where f(0) is not 0, what lies in padding is for the caller to clear. out may be x. */
void activation(const Curve& curve, int64_t count, bool bf16, const void* x, void* out);
/** out = (a + b) · f'(x), told from y = f(x); b may be null. out may be a or b. */
void activation_backward(const Curve& curve, int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out);

/** y = x > 0 ? x : slope · x, a slope for each channel, or one for all with slope_step 0. y may be x. */
void prelu(const Grid& grid, const void* x, const float* slope, int64_t slope_step, void* y);
/** dx may be x or dy; `partial`: `prelu_partials(grid)` numbers of scratch. */
void prelu_backward(const Grid& grid, const void* x, const float* slope, int64_t slope_step, const void* dy, void* dx, float* dslope,
                    double* partial);
int64_t prelu_partials(const Grid& grid);

/** out = (a + b) · [y > 0]; b may be null, y may be null (plain sum). out may be a or b. */
void relu_backward(int64_t count, bool bf16, const void* y, const void* a, const void* b, void* out);
/** out = max(x, 0). */
void relu(int64_t count, bool bf16, const void* x, void* out);

}  // namespace convscope::kernels
