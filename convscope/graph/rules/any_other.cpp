#include "convscope/graph/rules/any_other.h"

#include <algorithm>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/drop_images.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/gather_channels.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/polyphase.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {

template <size_t N>
bool among(const Op& op, const std::string_view (&kinds)[N]) {
  return std::find(std::begin(kinds), std::end(kinds), op.kind()) != std::end(kinds);
}

}  // namespace

bool only_moves(const Op& op) {
  // A filter that drops samples has windows that add up to 1: what comes down stays as much as it was.
  static constexpr std::string_view kKinds[] = {
      ConcatOp::kKind,   CropOp::kKind,       FlattenOp::kKind,       UnflattenOp::kKind,     SubsampleOp::kKind,
      IdentityOp::kKind, MaxPoolOp::kKind,    PolyphaseTakeOp::kKind, DownsampleOp::kKind,    ZeroPadChannelsOp::kKind,
      DropoutOp::kKind,  DropImagesOp::kKind, TakeChannelsOp::kKind,  GatherChannelsOp::kKind};
  return among(op, kKinds);
}

bool is_linear(const Op& op) {
  static constexpr std::string_view kKinds[] = {Conv2dOp::kKind,     LinearOp::kKind, AffineOp::kKind,   ScaleOp::kKind,
                                                NormalizeOp::kKind,  AddOp::kKind,    AvgPoolOp::kKind,  GlobalAvgPoolOp::kKind,
                                                PlaneSumOp::kKind,   PadOp::kKind,    ResampleOp::kKind, PerturbOp::kKind,
                                                PerturbMixOp::kKind, PickOp::kKind};
  // What is taken hangs on the picture: of the largest number, or of the phase with the largest ones.
  return among(op, kKinds) || (only_moves(op) && op.kind() != MaxPoolOp::kKind && op.kind() != PolyphaseTakeOp::kKind);
}

}  // namespace convscope
