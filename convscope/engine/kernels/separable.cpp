#include "convscope/engine/kernels/separable.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/separable.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** line[0 … count) = Σ weight · the taps' rows of x, all lanes of all points of a row at once. */
template <typename T>
void sum_rows(const Taps& taps, int64_t row, const T* x, int64_t count, float* line) {
  const size_t begin = static_cast<size_t>(taps.begins[static_cast<size_t>(row)]),
               end = static_cast<size_t>(taps.begins[static_cast<size_t>(row) + 1]);
  for (int64_t i = 0; i < count; i += lanes()) {
    V sum = hn::Zero(f);
    for (size_t a = begin; a < end; ++a) sum = hn::MulAdd(hn::Set(f, taps.weights[a]), load(x + taps.places[a] * count + i), sum);
    store(sum, line + i);
  }
}

/** y[j] = Σ weight · the taps' points of the line, for each j. */
template <typename T>
void sum_points(const Taps& taps, const float* line, int64_t width, T* y) {
  for (int64_t j = 0; j < taps.rows(); ++j) {
    const size_t begin = static_cast<size_t>(taps.begins[static_cast<size_t>(j)]),
                 end = static_cast<size_t>(taps.begins[static_cast<size_t>(j) + 1]);
    for (int64_t l = 0; l < width; l += lanes()) {
      V sum = hn::Zero(f);
      for (size_t b = begin; b < end; ++b) sum = hn::MulAdd(hn::Set(f, taps.weights[b]), load(line + taps.places[b] * width + l), sum);
      store(sum, y + j * width + l);
    }
  }
}

template <typename T>
void separable_typed(const Grid& g, const Taps& down, const Taps& across, const T* x, T* y) {
  const int64_t from = down.columns * across.columns * g.lanes, row = across.columns * g.lanes, to_row = across.rows() * g.lanes;
  parallel(g.images * g.blocks, 1, [&](int64_t begin, int64_t end) {
    thread_local std::vector<float> line;  // grows once
    line.resize(static_cast<size_t>(row));
    for (int64_t plane = begin; plane < end; ++plane)
      for (int64_t i = 0; i < down.rows(); ++i) {
        sum_rows(down, i, x + plane * from, row, line.data());
        sum_points(across, line.data(), g.lanes, y + (plane * down.rows() + i) * to_row);
      }
  });
}

void Separable(const Grid& g, const Taps& down, const Taps& across, const void* x, void* y) {
  const bool bf16 = g.bf16;
  CONVSCOPE_TYPED(separable_typed(g, down, across, CONVSCOPE_C(x), CONVSCOPE_M(y)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(Separable);

void separable(const Grid& x_grid, const Taps& down, const Taps& across, const void* x, void* y) {
  HWY_DYNAMIC_DISPATCH(Separable)(x_grid, down, across, x, y);
}

}  // namespace convscope::kernels
#endif  // HWY_ONCE
