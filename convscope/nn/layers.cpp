#include "convscope/nn/activation.h"
#include "convscope/nn/batch_norm.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/dropout.h"
#include "convscope/nn/flatten.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/normalize.h"
#include "convscope/nn/pad.h"
#include "convscope/nn/pool.h"

namespace convscope {

namespace {

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
  };
  each_activation([&]<typename T>() { all.push_back(entry<OpLayer<T>, Layer>(std::string(T::kKind), std::string(T::kSummary))); });
  return all;
}

}  // namespace

const Table<Layer>& layers() {
  static const Table<Layer> table{"layer", rows()};
  return table;
}

}  // namespace convscope
