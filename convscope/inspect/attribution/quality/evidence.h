#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * [N, 1, H, W]: how much each pixel speaks for the target, as quality is measured.
 *
 *   shares and differences  the sum over channels, with its sign
 *   slopes                  the size of the largest: their sign tells where to, not whether
 *   of a loss               the other way round, where there is a sign: what makes the loss grow speaks against the class
 */
Tensor evidence_of(const Attribution& method, const Objective& objective, const Tensor& maps);

/** The question of so many copies of the images, [times · N]: all of them once, then all of them again. */
Question repeated(const Question& question, int64_t times);

/** Maps that know nothing: noise, of copies of the question's images [times · N, …] (all of them once, then again) that of each image's
 * draws `first` and on, and a Gaussian in the middle whose deviation is a quarter of each side. */
Tensor noise_evidence(const Tensor& x, const Question& question, int64_t first);
Tensor centre_evidence(const Tensor& x);

/** Pixels from the most to the least evidence; those that have the same in an order drawn by the image's number. */
std::vector<int64_t> by_evidence(std::span<const float> evidence, uint64_t seed, int64_t number);

/** The mean of each channel of an image [C, H, W]. */
std::vector<float> mean_colour(std::span<const float> image, int64_t channels);

/**
 * An image [C, H, W] without its details: a Gaussian of 11 × 11 pixels, σ 5, for 224 rows (Petsiuk et al. 2018), wider in proportion on
 * larger pictures, and σ at least 2 on small ones; pixels outside repeat the rim.
 */
void blur(std::span<const float> image, int64_t channels, int64_t rows, int64_t columns, std::span<float> out);

}  // namespace convscope
