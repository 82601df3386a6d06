#pragma once

#include <cstdint>

namespace convscope::kernels {

/** out = x Φ(x), Φ the share of a normal distribution below x; Hendrycks and Gimpel 2016. Within 2e-7 max(1, |x|) of it. out may be x. */
void gelu(int64_t count, bool bf16, const void* x, void* out);
/** out = dy (Φ(x) + x φ(x)), φ its density. out may be x or dy. */
void gelu_backward(int64_t count, bool bf16, const void* x, const void* dy, void* out);

}  // namespace convscope::kernels
