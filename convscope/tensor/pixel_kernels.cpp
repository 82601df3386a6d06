#include "convscope/tensor/pixel_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/tensor/pixel_kernels.cpp"
#include "convscope/tensor/simd-targets.h"

// Read anew for each processor:
HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void WeighRows(const uint8_t* HWY_RESTRICT from, int64_t stride, const int32_t* HWY_RESTRICT weights, int64_t count, int64_t width,
               uint8_t* HWY_RESTRICT to) {
  using I32 = hn::CappedTag<int32_t, kPixelLanes / 2>;
  const I32 i32;
  const hn::Rebind<uint8_t, I32> u8;
  const auto lanes = static_cast<int64_t>(hn::Lanes(i32));
  for (int64_t x = 0; x < width; x += 2 * lanes) {  // two sums at once hide the time that a multiplication takes
    auto low = hn::Set(i32, 1 << (kWeightBits - 1)), high = low;
    for (int64_t k = 0; k < count; ++k) {
      const uint8_t* row = from + k * stride + x;
      const auto weight = hn::Set(i32, weights[k]);
      low = hn::Add(low, hn::Mul(weight, hn::PromoteTo(i32, hn::LoadU(u8, row))));
      high = hn::Add(high, hn::Mul(weight, hn::PromoteTo(i32, hn::LoadU(u8, row + lanes))));
    }
    hn::StoreU(hn::DemoteTo(u8, hn::ShiftRight<kWeightBits>(low)), u8, to + x);  // saturates at 255
    hn::StoreU(hn::DemoteTo(u8, hn::ShiftRight<kWeightBits>(high)), u8, to + x + lanes);
  }
}

void PartColours(const uint8_t* HWY_RESTRICT from, int64_t count, uint8_t* HWY_RESTRICT to) {
  const hn::ScalableTag<uint8_t> u8;
  const auto lanes = static_cast<int64_t>(hn::Lanes(u8));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<decltype(u8)> red, green, blue;
    hn::LoadInterleaved3(u8, from + 3 * i, red, green, blue);
    hn::StoreU(red, u8, to + i);
    hn::StoreU(green, u8, to + count + i);
    hn::StoreU(blue, u8, to + 2 * count + i);
  }
  for (; i < count; ++i)
    for (int64_t c = 0; c < 3; ++c) to[c * count + i] = from[3 * i + c];
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope {

HWY_EXPORT(WeighRows);
HWY_EXPORT(PartColours);

void weigh_rows(const uint8_t* from, int64_t stride, const int32_t* weights, int64_t count, int64_t width, uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(WeighRows)(from, stride, weights, count, width, to);
}

void part_colours(const uint8_t* from, int64_t count, uint8_t* to) { HWY_DYNAMIC_DISPATCH(PartColours)(from, count, to); }

}  // namespace convscope
#endif  // HWY_ONCE
