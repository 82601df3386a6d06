#pragma once

#include <limits>

#include "convscope/subject/subject.h"

namespace convscope {

/** A neuron's answer to an image, and where in the node it gave it. */
struct Answer {
  int64_t image = 0;
  float activation = 0;
  int64_t row = 0, column = 0;
};

/**
 * The images that drive neurons most, found in one pass over any number of images; memory is bounded by neurons × count.
 *
 * A neuron is a channel (its largest answer over all positions counts) or one channel at one position. Of equal answers the earlier image
 * stands first; an answer that is no number is none. A node [N, F] has F channels of one position.
 */
class TopActivations {
 public:
  struct Position {
    int64_t row = 0, column = 0;
  };

  /** `channels` empty: all of them. `position`: at this one only. */
  TopActivations(Subject& subject, std::string node, std::vector<int64_t> channels, int64_t count, const Position* position = nullptr);

  /** x [N, C, H, W], the images' numbers [N]. Any image once. */
  void see(const Tensor& x, std::span<const int64_t> numbers);
  /** What the node gave for them: rows 0 … N − 1 of y [≥ N, …]. */
  void see_answers(const Tensor& y, std::span<const int64_t> numbers);

  const std::vector<int64_t>& channels() const { return channels_; }
  /** Of channel `channels()[k]`, strongest first. */
  std::vector<Answer> top(size_t k) const;
  /** Mean and deviation of a channel's answers over all images seen. */
  double mean(size_t k) const;
  double deviation(size_t k) const;
  /**
   * How far the channel's top images stand out: (mean of their answers − mean of all) / deviation of all; 0 where all are alike. A channel
   * that answers to few things has a large one, one that always or never answers a small one.
   */
  double selectivity(size_t k) const;
  int64_t seen() const { return seen_; }

 private:
  Subject& subject_;
  std::string node_;
  std::vector<int64_t> channels_;
  size_t count_;
  bool everywhere_;
  Position position_;
  Shape shape_;                            // [K, H', W']
  std::vector<std::vector<Answer>> best_;  // heaps: the weakest of the kept in front
  std::vector<double> sum_, squares_;
  int64_t seen_ = 0;
};

}  // namespace convscope
