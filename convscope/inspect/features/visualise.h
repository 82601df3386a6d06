#pragma once

#include <functional>
#include <vector>

#include "convscope/inspect/features/fourier_image.h"
#include "convscope/subject/subject.h"

namespace convscope {

struct VisualiseOptions {
  int64_t steps = 256;
  double rate = 0.05;
  bool transforms = true;
  bool minimise = false;
  PictureParameters::Options parameters = {};
  uint64_t seed = 1;
};

/** Pictures that were made for some numbers of a network. */
struct Visualised {
  Tensor pictures;            // [N, C, H, W]
  std::vector<double> begin;  // [N] the number at the first picture
  std::vector<double> end;    // [N] at the last one, without transforms
};

/**
 * Pictures that drive numbers of the network as far as they go, by Adam on what parametrises them (Olah et al. 2017): picture n is for the
 * number `targets[n]` of the objective, and begins from noise of its own, drawn by `draws[n]`. At each step all are seen under the same
 * random transform, so that what only suits one position or size does not last. They fill the subject's batches together; a picture is the
 * same whatever others are made.
 */
Visualised visualise(Subject& subject, const Objective& objective, std::span<const int64_t> targets, std::span<const int64_t> draws,
                     const VisualiseOptions& options, const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace convscope
