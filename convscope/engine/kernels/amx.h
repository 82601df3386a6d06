#pragma once

/**
 * Convolutions of bf16 numbers by AMX, sums in fp32: exact products, so what differs from a convolution in fp32 is the rounding of
 * the operands, the order of the sums, and numbers below 2⁻¹²⁶, which AMX takes for zero.
 *
 * A tile holds one point of 16 images (32 where weights are summed), so that a tap is an offset, no tile crosses a border of the map, and
 * padding costs nothing.
 *
 * Activations are [images][rows][columns][channels] in bf16, weights [out / 16][in / 16][kernel][kernel][16 of in][16 of out] in fp32. The
 * numbers of channels are multiples of 16. Scratch is the caller's, 64-byte aligned, its size in bytes told for the threads of the caller.
 */

#include <cstddef>

#include "convscope/engine/kernels/convolution.h"

namespace convscope::kernels {

/** Whether this processor and system let us use AMX; the functions below may be called only then. */
bool amx_runs();

size_t amx_weights_bytes(const Convolution& s);
/** Weights as `amx_convolve` wants them. turned: s is the reverse of the convolution that `w` belongs to. */
void amx_weights(const Convolution& s, const float* w, bool turned, void* tiles);

size_t amx_scratch_bytes(const Convolution& s);
/** y = relu(x ∗ w + bias + residual), with a kernel of 3 × 3. Where s.apart is 2, s.pad is 1. */
void amx_convolve(const Convolution& s, const void* x, const void* tiles, const Epilogue& epilogue, void* y, void* scratch);

size_t amx_gradient_scratch_bytes(const Convolution& s);
/** dw = Σ over images and points of x and dy, with a kernel of 3 × 3, or of 1 × 1 and no padding; s.apart is 1. Its sums depend on the
 * count of threads, as other sums here. */
void amx_weight_gradient(const Convolution& s, const void* x, const void* dy, float* dw, void* scratch);

}  // namespace convscope::kernels
