#pragma once

/**
 * Convolutions of fp32 numbers by AMX, which multiplies bf16: each number is the sum of three bf16 parts that hold its 24 bits, and of the
 * nine products of parts the six largest are summed in fp32 (Henry, Tang and Heinecke 2019, arXiv:1904.06376). What is left out is below
 * 2⁻²² of a product, 2⁻²⁵ in the mean (rms) and of either sign, so that the error is that of sums in fp32 or less: numbers below 2⁻¹²⁶ ×
 * 2¹⁶ lose bits, as AMX takes parts below 2⁻¹²⁶ for zero, and where fp32 overflows the result may be NaN instead of infinite.
 *
 * Activations are [images][channels / 16][rows][columns][16], weights [out / 16][in / 16][kernel][kernel][16 of in][16 of out]. The numbers
 * of channels are multiples of 16. Scratch is the caller's, 64-byte aligned, its size in bytes told for the threads of the caller. A result
 * does not depend on the batch nor on the threads.
 */

#include <cstddef>

#include "convscope/engine/kernels/convolution.h"

namespace convscope::kernels {

size_t parts_weights_bytes(const Convolution& s);
/** Weights as `parts_convolve` wants them. turned: s is the reverse of the convolution that `w` belongs to. */
void parts_weights(const Convolution& s, const float* w, bool turned, void* tiles);

size_t parts_scratch_bytes(const Convolution& s);
/** y = relu(x ∗ w + bias + residual). May be called only where `amx_runs`. */
void parts_convolve(const Convolution& s, const float* x, const void* tiles, const Epilogue& epilogue, float* y, void* scratch);

}  // namespace convscope::kernels
