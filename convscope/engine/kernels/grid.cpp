#include "convscope/engine/kernels/grid.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/engine/kernels/grid.cpp"
#include "convscope/tensor/simd-targets.h"
// Read anew for each processor:
#include "convscope/tensor/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convscope::kernels {
namespace HWY_NAMESPACE {

int64_t BlockLanes() { return simd::HWY_NAMESPACE::lanes() > 8 ? 16 : 8; }

}  // namespace HWY_NAMESPACE
}  // namespace convscope::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::kernels {

HWY_EXPORT(BlockLanes);

int64_t block_lanes() { return HWY_DYNAMIC_DISPATCH(BlockLanes)(); }

}  // namespace convscope::kernels
#endif  // HWY_ONCE
