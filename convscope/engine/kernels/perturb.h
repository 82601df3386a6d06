#pragma once

/**
 * Perturbation with many masks, one pixel at a time: the masks of a pixel are read once and stay in L1 for all images. No perturbed map is
 * ever in memory. Numbers are f32.
 */

#include <optional>

#include "convscope/engine/kernels/grid.h"
#include "convscope/graph/ops/activation.h"

namespace convscope::kernels {

/** `perturb-mix` and its gradient; letters as in graph/ops/perturb.h. */
struct PerturbMix {
  Grid x, y;                // C and K channels on planes of the same size
  int64_t nmasks = 1;       // M
  int64_t mask_lanes = 16;  // [C / lanes][points][M][lanes]; 0: one set for all channels, [M][points]
  std::optional<Activation> activation;
  bool learned = false;      // in its place x > 0 ? x : slope · x
  bool masks_learn = false;  // gradient: the masks' is made too
  float level = 0;
  int64_t team = 1;  // threads that share the work; scratch is made for as many

  const float* from = nullptr;  // x
  const float* masks = nullptr;
  const float* weight = nullptr;  // [K, M], plain
  const float* bias = nullptr;    // forward: [K]
  const float* slope = nullptr;   // with `learned`
  float* to = nullptr;            // forward: y; backward: dx

  // Of the gradient alone.
  const float* upstream = nullptr;  // dy
  float* dweight = nullptr;
  float* dbias = nullptr;
  float* dmasks = nullptr;  // with `masks_learn`; as the masks lie
  float* dslope = nullptr;  // with `learned`
};

void perturb_mix(const PerturbMix& a, float* scratch);
void perturb_mix_backward(const PerturbMix& a, float* scratch);
/** Numbers of scratch for either. */
int64_t perturb_mix_scratch(const PerturbMix& a);

/** y = x + level · mask; `mask` lies as an image does, or is [points] with `shared`. y may be x. Channels behind the last one stay 0. */
void perturb(const Grid& grid, const void* x, const float* mask, bool shared, float level, void* y);

}  // namespace convscope::kernels
