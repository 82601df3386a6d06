#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/graph/graph.h"

namespace convscope {

/** What a parameter holds before training. */
class Initialiser {
 public:
  virtual ~Initialiser() = default;
  /** Number i of `t` depends on place i of the stream alone. */
  virtual void fill(Tensor& t, const RandomStream& random) const = 0;
};

/** The family. Parameters name a member as people write it: `he-normal,mode=fan-out`. */
const Table<Initialiser>& initialisers();

/** Weights [K, C / groups, R, S] or [K, F]: how many numbers a result is made of, and how many results a number goes into. */
struct Fans {
  int64_t in;   // (C / groups) R S
  int64_t out;  // K R S; groups are not known here and count as one
};
Fans fans(const Shape& weight);

/** The initialiser of a bias whose weight has this fan-in: `pytorch` goes by it and is told, any other stays as it is. */
std::string bias_initialiser(std::string_view init, int64_t fan_in);

/**
 * `whitening`: filters of the first convolution that decorrelate the patches of pictures, Page 2019. A training fills them in from its
 * pictures (train/whitening.h); by itself the member knows none and takes them to be white.
 */
inline constexpr std::string_view kWhitening = "whitening";
struct WhiteningOptions {
  double eps = 5e-4;
  void fields(auto&& field) { field("eps", eps, "added to the variance along each direction"); }
};
/** Orthonormal directions of patches with D numbers, largest variance first. */
struct WhiteningAxes {
  std::vector<double> variances;  // D
  Tensor directions;              // [D, D], one a row
};
/** Filter k of [K, C, R, S], D = C R S: ± direction (k mod D) / √(variance + eps), plus for the first D filters, minus for the next. */
void whitening_filters(const WhiteningAxes& axes, const WhiteningOptions& options, Tensor& filters);

/** Every parameter of the network, each from a stream of its own name: neither order nor other parameters change it. */
std::map<std::string, Tensor> initialise(const Graph& graph, uint64_t seed);

}  // namespace convscope
