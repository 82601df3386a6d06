#include "convscope/engine/kernels/max_pool.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/max_pool.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/engine/kernels/grid-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

/** Where v is larger than the largest so far; a NaN is larger than any number. */
HWY_INLINE auto larger(V v, V largest) { return hn::AndNot(hn::IsNaN(largest), hn::Not(hn::Le(v, largest))); }

/** body(offset in x of a window's first vector, its rows and columns on the plane, offset in y) for each window and vector of channels. */
template <typename Body>
void each_window(const MaxPool& pool, const Body& body) {
  const Grid& g = pool.x;
  parallel(g.images * g.blocks * pool.out_height, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t plane = i / pool.out_height, r = i % pool.out_height * pool.kernel, rows = std::min(pool.kernel, pool.height - r);
      const int64_t from = (plane * pool.height + r) * pool.width * g.lanes, to = i * pool.out_width * g.lanes;
      for (int64_t j = 0; j < pool.out_width; ++j) {
        const int64_t c = j * pool.kernel, columns = std::min(pool.kernel, pool.width - c);
        for (int64_t l = 0; l < g.lanes; l += lanes()) body(from + c * g.lanes + l, rows, columns, to + j * g.lanes + l);
      }
    }
  });
}

template <typename T>
void forward(const MaxPool& pool, const T* x, T* y) {
  const int64_t point = pool.x.lanes, row = pool.width * point;
  each_window(pool, [&](int64_t from, int64_t rows, int64_t columns, int64_t to) HWY_ATTR {
    V largest = load(x + from);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) {
        const V v = load(x + from + r * row + c * point);
        largest = hn::IfThenElse(larger(v, largest), v, largest);
      }
    store(largest, y + to);
  });
}

template <typename T>
void backward(const MaxPool& pool, const T* x, const T* dy, T* dx) {
  const int64_t point = pool.x.lanes, row = pool.width * point, planes = pool.x.images * pool.x.blocks;
  each_window(pool, [&](int64_t from, int64_t rows, int64_t columns, int64_t to) HWY_ATTR {
    V largest = load(x + from), place = hn::Zero(f);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) {
        const V v = load(x + from + r * row + c * point);
        const auto more = larger(v, largest);
        largest = hn::IfThenElse(more, v, largest);
        place = hn::IfThenElse(more, hn::Set(f, static_cast<float>(r * columns + c)), place);
      }
    const V u = load(dy + to);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        store(hn::IfThenElseZero(hn::Eq(place, hn::Set(f, static_cast<float>(r * columns + c))), u), dx + from + r * row + c * point);
  });
  // Points behind the last window.
  const int64_t height = std::min(pool.height, pool.out_height * pool.kernel), width = std::min(pool.width, pool.out_width * pool.kernel);
  if (height == pool.height && width == pool.width) return;
  parallel(planes, 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane)
      for (int64_t r = 0; r < pool.height; ++r) {
        T* line = dx + (plane * pool.height + r) * row;
        std::fill(line + (r < height ? width * point : 0), line + row, T{});
      }
  });
}

void Forward(const MaxPool& pool, const void* x, void* y) {
  const bool bf16 = pool.x.bf16;
  CONVSCOPE_TYPED(forward(pool, CONVSCOPE_C(x), CONVSCOPE_M(y)))
}
void Backward(const MaxPool& pool, const void* x, const void* dy, void* dx) {
  const bool bf16 = pool.x.bf16;
  CONVSCOPE_TYPED(backward(pool, CONVSCOPE_C(x), CONVSCOPE_C(dy), CONVSCOPE_M(dx)))
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

void max_pool(const MaxPool& pool, const void* x, void* y) { HWY_DYNAMIC_DISPATCH(Forward)(pool, x, y); }
void max_pool_backward(const MaxPool& pool, const void* x, const void* dy, void* dx) { HWY_DYNAMIC_DISPATCH(Backward)(pool, x, dy, dx); }

}  // namespace convscope::kernels
#endif  // HWY_ONCE
