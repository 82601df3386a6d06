#include "convscope/graph/rules/bias_shares.h"

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {

void note_bias(GradientSite& site, Value bias) {
  Value dy = site.upstream();
  const Shape& shape = site.shape(dy);
  if (shape.rank() == 2) dy = site.add("columns", std::make_shared<UnflattenOp>(UnflattenOptions{{shape[1], 1, 1}}), {dy});
  site.note("bias of " + site.graph().node(site.node()).name, site.add("bias-share", std::make_shared<ScaleOp>(NoOptions{}), {dy, bias}));
}

/** One whose last input is a bias, where the op says so. */
template <typename T>
void biased(const Op& op, GradientSite& site) {
  site.give_own(site.upstream());
  if (as<T>(op)->get().bias) note_bias(site, site.in(2));
}

}  // namespace

std::shared_ptr<const Ruling> bias_shares_ruling() {
  Rules rules;
  rules.emplace(Conv2dOp::kKind, biased<Conv2dOp>);
  rules.emplace(LinearOp::kKind, biased<LinearOp>);
  rules.emplace(AffineOp::kKind, [](const Op&, GradientSite& site) {
    site.give_own(site.upstream());
    note_bias(site, site.in(2));
  });
  rules.emplace(NormalizeOp::kKind, [](const Op&, GradientSite& site) {
    site.give_own(site.upstream());
    site.note(std::string(kInputShare), site.add("input-share", std::make_shared<MultiplyOp>(NoOptions{}), {site.out(), site.upstream()}));
  });
  return std::make_shared<Ruling>(Ruling{"bias shares", std::move(rules)});
}

}  // namespace convscope
