#include "convscope/graph/rules/lift.h"

#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/lift.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/graph/passes.h"
#include "convscope/graph/rules/any_other.h"

namespace convscope {

namespace {

void rescale(const Op&, GradientSite& site) {
  site.give_own(site.upstream());
  const Value x = site.in(0), y = site.out();
  site.give(0, site.add("secant", std::make_shared<SecantOp>(NoOptions{}),
                        {x, reference_of(site.graph(), x), y, reference_of(site.graph(), y), *site.given()[0], site.upstream()}));
}

/** The slope at x and the one at the reference, half of each. */
void halve(const Op&, GradientSite& site) {
  const Shape& shape = site.shape(site.upstream());
  const std::vector<int64_t> extents(shape.extents().begin(), shape.extents().end());
  const Value half = site.add("half", std::make_shared<ConstantOp>(ConstantOptions{extents, 0.5f}), {});
  const Value upstream = site.add("halved", std::make_shared<MultiplyOp>(NoOptions{}), {site.upstream(), half});
  const Value reference = reference_of(site.graph(), site.out());
  site.give_own(upstream);
  for (size_t i = 0; i < site.inputs(); ++i)
    if (site.wanted(i))
      site.give(i, site.add("halves", std::make_shared<AddOp>(NoOptions{}), {*site.given()[i], site.pull(reference, upstream, i)}));
}

/** An op (x, x', dy) → m with the options of the op. */
template <typename T, typename Lift>
void lift(const Op& op, GradientSite& site) {
  if (!site.wanted(0)) return;
  const Value x = site.in(0);
  site.give(0, site.add("lift", std::make_shared<Lift>(as<T>(op)->get()), {x, reference_of(site.graph(), x), site.upstream()}));
}

}  // namespace

std::shared_ptr<const Ruling> lift_ruling() {
  Rules rules;
  each_activation([&]<typename T>() { rules.emplace(T::kKind, rescale); });
  each_unary([&]<typename T>() { rules.emplace(T::kKind, rescale); });
  rules.emplace(ClampOp::kKind, rescale);
  rules.emplace(PReluOp::kKind, rescale);
  rules.emplace(RReluOp::kKind, rescale);  // a leaky-relu when the network is held still
  rules.emplace(MultiplyOp::kKind, halve);
  rules.emplace(MaxPoolOp::kKind, lift<MaxPoolOp, MaxPoolLiftOp>);
  rules.emplace(StandardizeOp::kKind, lift<StandardizeOp, StandardizeLiftOp>);
  rules.emplace(LrnOp::kKind, lift<LrnOp, LrnLiftOp>);
  rules.emplace(SoftmaxOp::kKind, lift<SoftmaxOp, SoftmaxLiftOp>);
  rules.emplace(CrossEntropyOp::kKind, [](const Op&, GradientSite&) { fail("a loss has no rule of DeepLIFT"); });
  rules.emplace(kAnyOther, [](const Op& op, GradientSite& site) {
    require(is_linear(op), "node '{}' is a '{}', which has no rule of DeepLIFT: its gradient is no multiplier",
            site.graph().node(site.node()).name, op.kind());
    op.gradient(site);
  });
  return std::make_shared<Ruling>(Ruling{.name = "lift", .rules = std::move(rules), .reference = true});
}

}  // namespace convscope
