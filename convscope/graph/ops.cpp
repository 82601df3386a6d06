#include "convscope/graph/op.h"
#include "convscope/graph/ops/activation.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/attack_loss.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/drop_images.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/gather_channels.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/lift.h"
#include "convscope/graph/ops/linear.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/perturb.h"
#include "convscope/graph/ops/polyphase.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/redirect.h"
#include "convscope/graph/ops/relevance.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/trades.h"
#include "convscope/graph/ops/unary.h"

namespace convscope {

namespace {
template <typename T>
Entry<Op> row(std::string_view summary) {
  return entry<T, Op>(std::string(T::kKind), std::string(summary));
}

std::vector<Entry<Op>> rows() {
  std::vector<Entry<Op>> all{
      row<InputOp>("what a caller fills before each run"),
      row<ParameterOp>("a tensor from the weight store"),
      row<ConstantOp>("one number everywhere"),

      row<Conv2dOp>("2-D convolution, with bias, residual and activation where wanted"),
      row<Conv2dBackwardDataOp>("gradient of conv2d for its input"),
      row<Conv2dBackwardWeightsOp>("gradient of conv2d for its weight and bias"),
      row<ScaleFiltersOp>("each filter of a weight times its own factor"),
      row<ScaleBiasOp>("bias times scale plus shift"),

      row<LinearOp>("each image's features times a matrix, with bias and activation where wanted"),
      row<LinearBackwardDataOp>("gradient of linear for its input"),
      row<LinearBackwardWeightsOp>("gradient of linear for its weight and bias"),

      row<BatchNormOp>("normalisation by the statistics of the batch"),
      row<BatchNormAgainOp>("batch norm by statistics that are known"),
      row<BatchNormBackwardOp>("gradient of batch-norm"),
      row<RunningAverageOp>("moves an old value towards a new one by a share"),
      row<BatchNormScaleOp>("factor of batch norm at inference"),
      row<BatchNormShiftOp>("summand of batch norm at inference"),

      row<AffineOp>("scale and shift by channel or by activation: batch norm at inference"),
      row<ScaleOp>("factor by channel or by activation: the gradient of affine"),
      row<NormalizeOp>("pixels minus mean, over standard deviation, channel by channel"),

      row<ActivationBackwardOp>("gradient of an activation without parameters; several gradients are added on the way"),
      row<ClampOp>(ClampOp::kSummary),
      row<PReluOp>("negative numbers times a slope that is learned"),
      row<PReluBackwardOp>("gradient of prelu for its input and its slope"),
      row<RReluOp>("negative numbers times a random slope"),
      row<RReluBackwardOp>("gradient of rrelu"),

      row<AddOp>("sum of two tensors"),
      row<MultiplyOp>("product of two tensors, or of one and a number for each channel"),
      row<PlaneSumOp>("sum of each plane"),
      row<LrnOp>("each number over the size of its neighbours in other channels"),
      row<LrnBackwardOp>("gradient of lrn"),
      row<LrnLiftOp>("multipliers of lrn from a reference"),
      row<StandardizeOp>("mean 0 and variance 1 in each group of channels of an image, or at each of its points"),
      row<StandardizeBackwardOp>("gradient of standardize"),
      row<StandardizeHeldBackwardOp>("gradient of standardize were its variance a constant"),
      row<StandardizeLiftOp>("multipliers of standardize from a reference"),
      row<UnaryBackwardOp>("gradient of a function of one number"),
      row<DropoutOp>("a random share of the elements becomes 0"),
      row<DropImagesOp>("a random share of the images becomes 0"),
      row<SoftmaxOp>("logits to probabilities"),
      row<SoftmaxBackwardOp>("gradient of softmax"),
      row<SoftmaxLiftOp>("multipliers of softmax from a reference"),
      row<SecantOp>("multipliers of a function of one number from a reference"),
      row<RedirectOp>("a rectifier's gradient, or where it lets nothing of an image through, what would open it"),
      row<QuotientOp>("relevance over what it is shared out by, never over 0"),
      row<AbsorbedOp>("relevance that biases and stabilisers of a layer take"),

      row<MaxPoolOp>("largest number of each window"),
      row<MaxPoolBackwardOp>("gradient of max-pool"),
      row<MaxPoolLiftOp>("multipliers of max-pool from a reference"),
      row<AvgPoolOp>("mean of each window"),
      row<AvgPoolBackwardOp>("gradient of avg-pool"),
      row<GlobalAvgPoolOp>("mean of each plane"),
      row<GlobalAvgPoolBackwardOp>("gradient of global-avg-pool"),

      row<IdentityOp>("the same numbers under another name"),
      row<FlattenOp>("each image's numbers in one row"),
      row<UnflattenOp>("a row back to the extents it came from"),
      row<SubsampleOp>("every rate-th row and column"),
      row<SubsampleBackwardOp>("gradient of subsample"),
      row<DownsampleOp>("every rate-th row and column of filtered planes"),
      row<DownsampleBackwardOp>("gradient of downsample"),
      row<PolyphaseChoiceOp>("which of the ways to keep every rate-th row and column has the largest numbers, image by image"),
      row<PolyphaseTakeOp>("every rate-th row and column, in the way that was chosen for the image"),
      row<PolyphaseTakeBackwardOp>("gradient of polyphase-take"),
      row<ZeroPadChannelsOp>("zero channels in front and behind"),
      row<TakeChannelsOp>("some neighbouring channels"),
      row<GatherChannelsOp>("channels in another order, chosen or repeated"),
      row<GatherChannelsBackwardOp>("gradient of gather-channels"),
      row<ResampleOp>("weighted sums of some rows and columns of each plane"),
      row<ResampleBackwardOp>("gradient of resample"),
      row<ConcatOp>("channels of several tensors one behind the other"),
      row<PadOp>("rows and columns of one number around each plane"),
      row<CropOp>("a window of each plane"),

      row<PerturbOp>("each channel plus each of its masks"),
      row<PerturbBackwardOp>("gradient of perturb for its input"),
      row<PerturbBackwardMasksOp>("gradient of perturb for its masks"),
      row<PerturbMixOp>("weighted sums of the activations of each channel plus its masks"),
      row<PerturbMixBackwardOp>("gradient of perturb-mix"),

      row<CrossEntropyOp>("loss of a classifier from logits or probabilities"),
      row<CrossEntropyBackwardOp>("gradient of cross-entropy"),
      row<TradesOp>("loss of pictures and of moved ones, from the logits of both"),
      row<TradesBackwardOp>("gradient of trades"),
      row<AttackLossOp>("what attacks climb, from logits"),
      row<AttackLossBackwardOp>("gradient of attack-loss"),
      row<PickOp>("sum of the labelled logits"),
      row<PickBackwardOp>("gradient of pick"),
  };
  each_activation([&]<typename T>() { all.push_back(row<T>(T::kSummary)); });
  each_unary([&]<typename T>() { all.push_back(row<T>(T::kSummary)); });
  return all;
}

}  // namespace

const Table<Op>& ops() {
  static const Table<Op> table("op", rows());
  return table;
}

}  // namespace convscope
