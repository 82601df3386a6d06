#pragma once

#include <span>
#include <vector>

#include "convscope/graph/op.h"

namespace convscope {

/** A class, and one that is aimed at instead; the same where none is. */
struct ClassPair {
  int64_t own, target;
  bool aims() const { return target != own; }
};

/**
 * What attacks climb, of one image's logits z; s are the logits in descending order, s1 the largest.
 *
 *              away from class y                         towards class t
 *   log-odds   log((1 − p_y) / p_y)                      log(p_t / (1 − p_t)), asked for as the log-odds of t, downwards
 *   margin     max_{i ≠ y} z_i − z_y                     z_t − z_y
 *   dlr        (max_{i ≠ y} z_i − z_y) / (s1 − s3)       (z_t − z_y) / (s1 − (s3 + s4) / 2)
 *
 * Log-odds grow with the cross-entropy −log p_y, and their slope is its slope over 1 − p_y: the same direction, which does not vanish where
 * a network is so sure that p is 1 in any arithmetic. The difference of logits ratio does not change with the scale of the logits: Croce
 * and Hein 2020, equations 6 and 7. Dlr wants three classes, towards one four.
 */
struct AttackLossOptions {
  std::string of = "log-odds";
  void fields(auto&& field) { field("of", of, "log-odds, margin or dlr"); }
};

double attack_loss(std::string_view of, std::span<const float> logits, ClassPair classes);
/** ∂ / ∂ logits. */
std::vector<double> attack_loss_slope(std::string_view of, std::span<const float> logits, ClassPair classes);

/** Of networks whose classes are compared two by two: a float holds the number of a pair. */
inline constexpr int64_t kMostAttackedClasses = 4096;

/** A pair as one label: own · Y + target. Log-odds take the class alone. */
int64_t label_of(std::string_view of, ClassPair classes, int64_t count);
ClassPair classes_of(std::string_view of, int64_t label, int64_t count);

/** (x [N, Y], labels [N] as above) → [1]: the sum over n. */
class AttackLossOp : public OpOf<AttackLossOp, AttackLossOptions> {
 public:
  static constexpr std::string_view kKind = "attack-loss";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
  void gradient(GradientSite& site) const override;
};
/** (x, labels, dsum [1]) → dx. Same options. */
class AttackLossBackwardOp : public OpOf<AttackLossBackwardOp, AttackLossOptions> {
 public:
  static constexpr std::string_view kKind = "attack-loss-backward";
  using OpOf::OpOf;
  std::vector<Shape> shapes(std::span<const Shape> in) const override;
  void run(std::span<const Tensor* const> in, std::span<Tensor* const> out, const RunContext&) const override;
};

}  // namespace convscope
