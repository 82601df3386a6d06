#pragma once

#include <functional>
#include <vector>

#include "convscope/inspect/features/driven.h"
#include "convscope/inspect/features/parametrisation.h"

namespace convscope {

struct VisualiseOptions {
  enum class Seen { as_it_is, warped, cropped };

  int64_t steps = 256;
  double rate = 0.05;
  bool nesterov = false;  // Dozat 2016; else Adam
  /** How a picture is seen at each step: itself; under a random warp; or through `crops` random crops, each with noise of its own. */
  Seen seen = Seen::warped;
  int64_t crops = 8;
  /** For so many first steps rectifiers that let nothing of a picture through are opened. */
  int64_t redirected = 16;
  uint64_t seed = 1;
};

/** Pictures that were made for some numbers of a network. */
struct Visualised {
  Tensor pictures;              // [N, C, H, W]
  std::vector<double> begin;    // [N] the number at the first picture
  std::vector<double> end;      // [N] at the last one, as it is
  Tensor transparency;          // [N, H, W] mean over channels and sum over steps of |slope for the picture|: where anything was asked for
  std::vector<int64_t> opened;  // [N] rectifiers that were opened, over all steps
};

/**
 * Pictures that drive numbers of a network as far as they go, by Adam on what parametrises them (Olah et al. 2017): picture n is for number
 * n of `driven`, and begins from noise of its own, drawn by `draws[n]`. At each step all are seen in the same random way, so that what only
 * suits one position or size does not last. A picture is the same whatever others are made, but for what `driven` does with several.
 */
Visualised visualise(Driven& driven, const Parametrisation& parameters, std::span<const int64_t> draws, const VisualiseOptions& options,
                     const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace convscope
