#pragma once

/**
 * 3×3 convolutions of stride 1 by Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016, arXiv:1509.09308): 36
 * multiplications for 16 results instead of 144. The rms error is 4e-7 (16 channels) to 2e-6 (512) of the result's rms, where a direct
 * convolution has 1.5e-7 to 8e-7.
 *
 * Activations are [images][channels / B][rows][columns][B], weights [out / B][in / B][3][3][B of in][B of out], B = `block_lanes()`; the
 * last block is filled up with zeros. Scratch is the caller's, 64-byte aligned, its size in floats told for the threads of the caller.
 */

#include "convscope/engine/kernels/convolution.h"

namespace convscope::kernels {

/** Whether the vectors here are as wide as a block of channels; the functions below may be called only then. */
bool winograd_runs();

int64_t winograd_weights_size(const Convolution& s);
/** Weights as `winograd_convolve` wants them. turned: s is the reverse of the convolution that `w` belongs to. */
void winograd_weights(const Convolution& s, const float* w, bool turned, float* u);

int64_t winograd_scratch(const Convolution& s);
/** y = relu(x ∗ w + bias + residual), x and y in fp32, or both in bf16; sums are fp32. */
void winograd_convolve(const Convolution& s, bool bf16, const void* x, const float* u, const Epilogue& epilogue, void* y, float* scratch);

int64_t winograd_gradient_scratch(const Convolution& s);
/** dw = Σ over images and points of x and dy. Its sums depend on the count of threads, as other sums here. */
void winograd_weight_gradient(const Convolution& s, bool bf16, const void* x, const void* dy, float* dw, float* scratch);

}  // namespace convscope::kernels
