#pragma once

#include <memory>
#include <vector>

#include "convscope/inspect/features/feature_sum.h"
#include "convscope/subject/seeded_network.h"

namespace convscope {

/** What pictures are made for: a number for each of N pictures, and which way it is to go. */
class Driven {
 public:
  virtual ~Driven() = default;

  /** [C, H, W]. */
  virtual Shape image() const = 0;
  /** N. */
  virtual int64_t count() const = 0;
  /** x [N, C, H, W] → each picture's number. */
  virtual std::vector<double> numbers(const Tensor& x) = 0;
  /** Which way each picture is to go, and what was opened for it (`SeededNetwork::Slopes`). */
  virtual SeededNetwork::Slopes slopes(const Tensor& x, bool redirected) = 0;
};

/** The number `targets[n]` of an objective, of any subject. Nothing is opened. */
class DrivenNumbers : public Driven {
 public:
  DrivenNumbers(Subject& subject, Objective objective, std::vector<int64_t> targets, bool down = false)
      : subject_(subject), objective_(std::move(objective)), targets_(std::move(targets)), down_(down) {}
  Shape image() const override { return subject_.image(); }
  int64_t count() const override { return std::ssize(targets_); }
  std::vector<double> numbers(const Tensor& x) override { return values(subject_.table(x, objective_), objective_, targets_); }
  SeededNetwork::Slopes slopes(const Tensor& x, bool redirected) override;

 private:
  Subject& subject_;
  Objective objective_;
  std::vector<int64_t> targets_;
  bool down_;
};

struct DrivenSumsOptions {
  bool down = false;     // the numbers are driven down
  double power = 2;      // of directions, of the cosine
  double diversity = 0;  // weight of what keeps pictures of one sum apart
};

/**
 * Picture n is for the sum `which[n]` of `sums`, whose nodes are those of `network`. With a diversity w, pictures of the same sum go away
 * from each other too (Olah et al. 2017, "Diversity"): with G the Gram matrix of channels of a picture's first node over its positions,
 * divided by its length, of B pictures
 *
 *   − w / B Σ_{i ≠ j} ⟨G_i, G_j⟩
 *
 * is climbed beside the sums; numbers are without it.
 */
class DrivenSums : public Driven {
 public:
  DrivenSums(SeededNetwork& network, std::vector<FeatureSum> sums, std::vector<int64_t> which, DrivenSumsOptions options);
  Shape image() const override { return network_.image(); }
  int64_t count() const override { return std::ssize(which_); }
  std::vector<double> numbers(const Tensor& x) override;
  SeededNetwork::Slopes slopes(const Tensor& x, bool redirected) override;

  /** Any pictures' numbers of all sums: x [M, C, H, W] → [M, sums], row-major. */
  std::vector<double> table(const Tensor& x);

 private:
  double number(const FeatureSum& sum, std::span<const float> given, std::span<const float> picture) const;
  void add_diversity(const Tensor& given, Tensor& seeds) const;
  size_t place_of(const std::string& node) const;

  SeededNetwork& network_;
  std::vector<FeatureSum> sums_;
  std::vector<int64_t> which_;
  DrivenSumsOptions options_;
  bool steady_ = true;  // seeds are the same whatever the nodes give
};

}  // namespace convscope
