#include "convscope/engine/kernels/channel_sums.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/channel_sums.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

template <typename T>
void channel_sums_typed(const Grid& g, const T* x, float* sum, double* partial) {
  const Split split(g);
  const int64_t padded = g.padded_channels();
  over_pieces(g, split, [&](int64_t b, int64_t piece) {
    double* of_piece = partial + 2 * piece * padded + b * g.lanes;
    sums(g, split.begin(piece), split.begin(piece + 1), b, of_piece, of_piece + padded,
         [&](int64_t at, int64_t, V& s, V&) HWY_ATTR { s = hn::Add(s, load(x + at)); });
  });
  for (int64_t c = 0; c < g.channels; ++c) {
    double all = 0;
    for (int64_t piece = 0; piece < split.pieces; ++piece) all += partial[2 * piece * padded + c];
    sum[c] = static_cast<float>(all);
  }
}

void ChannelSums(const Grid& g, const void* x, float* sum, double* partial) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(channel_sums_typed(g, CONVSCOPE_C(x), sum, partial))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(ChannelSums);

void channel_sums(const Grid& g, const void* x, float* sum, double* partial) { HWY_DYNAMIC_DISPATCH(ChannelSums)(g, x, sum, partial); }
int64_t channel_sum_partials(const Grid& g) { return 2 * std::max<int64_t>(1, threads()) * g.padded_channels(); }

}  // namespace convscope::kernels
#endif  // HWY_ONCE
