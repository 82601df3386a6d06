#pragma once

/** A convolution as our kernels see it, and what they do to results on their way to memory. */

#include <cstdint>

namespace convscope::kernels {

struct Convolution {
  int64_t images = 1;
  int64_t in = 1, out = 1;        // channels, without padding
  int64_t height = 1, width = 1;  // of x
  int64_t pad = 1;                // zeros on each side, 0 to 2
  int64_t stride = 1;             // 1 or 2
  int64_t kernel = 3;             // rows and columns: 3 or 1
  // Of the gradient of one with a stride:
  int64_t apart = 1;                          // from a point of x to the next, with zeros between
  int64_t extra_rows = 0, extra_columns = 0;  // zeros behind the padding

  int64_t out_height() const { return ((height - 1) * apart + 1 + 2 * pad + extra_rows - kernel) / stride + 1; }
  int64_t out_width() const { return ((width - 1) * apart + 1 + 2 * pad + extra_columns - kernel) / stride + 1; }
  /** The convolution, with kernels turned round, that takes dy to dx. */
  Convolution reversed() const {
    Convolution r{.images = images,
                  .in = out,
                  .out = in,
                  .height = out_height(),
                  .width = out_width(),
                  .pad = kernel - 1 - pad,
                  .kernel = kernel,
                  .apart = stride};
    r.extra_rows = height - r.out_height();
    r.extra_columns = width - r.out_width();
    return r;
  }
};

/** What is done to results on their way to memory: y = relu(x ∗ w + bias + residual). */
struct Epilogue {
  const float* bias = nullptr;     // [out], or null
  const void* residual = nullptr;  // as y, or null; may be y
  bool relu = false;
};

}  // namespace convscope::kernels
