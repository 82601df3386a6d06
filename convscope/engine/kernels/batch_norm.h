#pragma once

#include "convscope/engine/kernels/grid.h"

namespace convscope::kernels {

/** What is done of a batch norm, forward or backward: sums over the batch, results by sums that are known, or one after the other. */
enum class Half { both, sums, results };

/**
 * Batch norm over (images, points) of each channel. `partial` is scratch.
 * y = relu(x · scale + shift + residual); residual may be null.
 */
void batch_norm_forward(const Grid& grid, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                        const void* residual, bool relu, void* y, float* mean, float* variance, double* partial);
/** The same result again from statistics that are known: cheaper than keeping it. The same bits. */
void batch_norm_again(const Grid& grid, const void* x, const float* gamma, int64_t gamma_step, const float* beta, double eps,
                      const void* residual, bool relu, void* y, const float* mean, const float* variance, double* partial);
/** The first half of `batch_norm_forward`, statistics alone; `batch_norm_again` is the second. */
void batch_norm_statistics(const Grid& grid, const void* x, float* mean, float* variance, double* partial);
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
/** Its halves: the first makes dgamma, dbeta and dresidual, the second dx from these, where dgamma and dbeta may be those of more images.
 */
void batch_norm_slopes(const Grid& grid, const BatchNormBackward& a, double* partial);
void batch_norm_backward_by_slopes(const Grid& grid, const BatchNormBackward& a, double* partial);
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

}  // namespace convscope::kernels
