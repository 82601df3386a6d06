#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace convscope::dft {

/**
 * How a discrete Fourier transform of length N is done: X[k] = Σ x[j] exp(−2πi jk / N), unnormalised.
 *
 * Stockham's stages of prime radix, and of 4 and 8, which leave their results in order. A prime above 7 is a product with its matrix of
 * cosines and sines, which at these sizes is faster than what saves multiplications. A prime factor above 251 makes the whole length a
 * convolution with a chirp by transforms of a length of small primes (Bluestein 1970). Angles are computed in double.
 */
struct Plan {
  explicit Plan(int64_t n);

  /**
   * One pass over N numbers. `groups` butterflies of `radix`, each `repeats` times side by side: for k < groups and q < repeats
   *
   *   y[q + repeats (radix k + j)] = exp(−2πi jk / (radix groups)) Σ_i exp(−2πi ij / radix) x[q + repeats (k + i groups)]
   */
  struct Stage {
    int64_t radix, groups, repeats;
    std::vector<float> twiddles;  // [groups][radix − 1][re, im]; empty where all are 1: in the last stage
    std::vector<float>
        matrix;  // of a radix above 7, [h / kRows][h][kRows][cosine, sine] of 2πjk / radix, j and k from 1 to h, h = radix / 2
  };

  static constexpr int64_t kLargestRadix = 251;
  static constexpr int64_t kRows = 4;  // of a matrix, side by side; those beyond h are zero

  int64_t n;
  std::vector<Stage> stages;  // none for N = 1

  struct Chirp;
  std::shared_ptr<const Chirp> chirp;  // set for lengths with other prime factors

  /** Numbers of scratch that a transform takes, in vectors. */
  int64_t scratch() const;
};

struct Plan::Chirp {
  Plan inner;                 // of length M ≥ 2 N − 1
  std::vector<float> factor;  // [N][re, im]: exp(−πi j² / N)
  std::vector<float> kernel;  // [M][re, im]: transform of the conjugate chirp, divided by M
};

/** exp(−2πi j / n) as [re, im], exact to float for any j. */
void unit_root(int64_t j, int64_t n, float* re_im);

/** What turns a transform of rate · n numbers, of which all but the first n are zero, into `rate` ones of n: exp(−2πi qj / (rate n)),
 * [rate][n][re, im]. */
std::vector<float> modulations(int64_t n, int64_t rate);

}  // namespace convscope::dft
