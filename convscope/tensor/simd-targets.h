// For which processors a source with vector code is compiled, and that it is: once for each, chosen when the program starts. Such a source
// says what it is called and includes this before its own vector code, and is compiled by itself:
//
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "convscope/engine/kernels/random.cpp"
//   #include "convscope/tensor/simd-targets.h"
//   // Read anew for each processor:
//   #include "convscope/tensor/simd-inl.h"
//
// No include guard: Highway reads it once for each processor.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
