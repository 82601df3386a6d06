#pragma once

#include "convscope/graph/gradient.h"

namespace convscope {

/**
 * The way back of DeepLIFT, Shrikumar et al. 2017: multipliers m for which Σ m Δx is the difference of the objective from a baseline's, Δx
 * = x − baseline.
 *
 *   functions of one number   rescale: Δy / Δx
 *   products                  half and half: Δ(ab) = ½ (a + a') Δb + ½ (b + b') Δa; gates of squeeze and excitation, SiLU and kin
 *   max-pool                  to the places that moved (graph/ops/pool.h)
 *   standardize, lrn          as products of a number and its divisor's reciprocal
 *   softmax                   mean slope between the two
 *   everything else           is linear: its gradient
 *
 * A loss is refused: its two numbers have no ratio that a rule says.
 */
std::shared_ptr<const Ruling> lift_ruling();

}  // namespace convscope
