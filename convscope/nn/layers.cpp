#include "convscope/graph/ops/gather_channels.h"
#include "convscope/graph/ops/identity.h"
#include "convscope/graph/ops/lrn.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/ops/standardize.h"
#include "convscope/graph/ops/unary.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/adaptive_avg_pool.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/concat.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/flatten.h"
#include "convscope/nn/join.h"
#include "convscope/nn/layer_norm.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/normalize.h"
#include "convscope/nn/pad.h"
#include "convscope/nn/perturb.h"
#include "convscope/nn/pool.h"
#include "convscope/nn/silu.h"

namespace convscope {

namespace {

template <typename T>
Entry<Layer> of_op(std::string name, std::string summary) {
  return entry<OpLayer<T>, Layer>(std::move(name), std::move(summary));
}

std::vector<Entry<Layer>> rows() {
  std::vector<Entry<Layer>> all{
      entry<Conv2d, Layer>("conv2d", "2-D convolution"),
      entry<Linear, Layer>("linear", "matrix product"),
      entry<BatchNorm, Layer>("batch-norm", "batch normalisation, by channel or by activation"),
      entry<MaxPool, Layer>("max-pool", "largest number of each window"),
      entry<AvgPool, Layer>("avg-pool", "mean of each window"),
      entry<GlobalAvgPool, Layer>("global-avg-pool", "mean of each channel"),
      entry<PRelu, Layer>("prelu", "negative numbers times a slope that is learned"),
      entry<RRelu, Layer>("rrelu", "negative numbers times a slope that is random in training"),
      entry<Softmax, Layer>("softmax", "logits to probabilities"),
      entry<Dropout, Layer>("dropout", "sets a share of the elements to 0 in training"),
      entry<Flatten, Layer>("flatten", "pictures to rows of numbers"),
      entry<Pad, Layer>("pad", "rows and columns of one number around each plane"),
      entry<Normalize, Layer>("normalize", "(x - mean) / std by channel"),
      entry<Add, Layer>("add", "sum of several values"),
      entry<Multiply, Layer>("multiply", "product of two values, or of one and a gate for each channel"),
      entry<Concat, Layer>("concat", "channels of several values one behind the other"),
      entry<Silu, Layer>("silu", "x times its sigmoid"),
      entry<LayerNorm, Layer>("layer-norm", "mean 0 and variance 1 over the channels at each point, scaled and shifted"),
      entry<LayerScale, Layer>("layer-scale", "a learned factor for each channel, small at first"),
      entry<AdaptiveAvgPool, Layer>("adaptive-avg-pool", "means of windows that lie evenly over the plane"),
      entry<StochasticDepth, Layer>("stochastic-depth", "sets a share of the images to 0 in training"),
      of_op<StandardizeOp>("standardize", "mean 0 and variance 1 in each group of channels, or at each point"),
      of_op<LrnOp>("lrn", "each number over the size of its neighbours in other channels"),
      of_op<SubsampleOp>("subsample", "every rate-th row and column"),
      of_op<ZeroPadChannelsOp>("zero-pad-channels", "zero channels in front and behind"),
      of_op<TakeChannelsOp>("take-channels", "some neighbouring channels"),
      of_op<GatherChannelsOp>("gather-channels", "channels in another order, chosen or repeated"),
      of_op<ResampleOp>("resample", "weighted sums of some rows and columns of each plane"),
      of_op<CropOp>("crop", "a window of each plane"),
      of_op<UnflattenOp>("unflatten", "a row of numbers to the extents that are told"),
      of_op<IdentityOp>("identity", "the same numbers under another name"),
      of_op<ClampOp>(std::string(ClampOp::kKind), std::string(ClampOp::kSummary)),
      entry<Masks, Layer>("masks", "each channel plus each of its fixed masks"),
      entry<MixedMasks, Layer>("mixed-masks", "weighted sums of the activations of each channel plus its masks"),
      entry<Perturb, Layer>("perturb", "the perturbation study's layer: masks, or a convolution, with batch norm and activation"),
      entry<WidePerturb, Layer>("wide-perturb", "the first layer of the authors' later network of masks"),
      entry<Noise, Layer>("noise", "the perturbation layer as it was first published"),
  };
  each_activation([&]<typename T>() { all.push_back(of_op<T>(std::string(T::kKind), std::string(T::kSummary))); });
  each_unary([&]<typename T>() { all.push_back(of_op<T>(std::string(T::kKind), std::string(T::kSummary))); });
  return all;
}

}  // namespace

const Table<Layer>& layers() {
  static const Table<Layer> table{"layer", rows()};
  return table;
}

}  // namespace convscope
