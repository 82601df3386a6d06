#pragma once

/**
 * One small case at least for every row of the table of ops, with the corners its options have. The contract test proves each of them
 * against its own slope; other tests may run them through whatever claims to compute the same. Not installed.
 */

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/graph/op.h"

namespace convscope::testing_graph {

/** Neighbours among the numbers of a case differ by at least this, and each differs from 0 by half of it. */
inline constexpr double kSpacing = 0.012;

struct CaseInput {
  Shape shape;
  enum Kind {
    kSpread,    // numbers around 0 in random order, kSpacing or more apart; it has a slope
    kPositive,  // numbers above 0 alike; it has a slope
    kFixed,     // numbers above 0 whose slope nobody asks for
    kLabels,    // 0, 1, 2, 0, … as class numbers
    kLargest,   // −1 and class numbers in turn
  } kind = kSpread;

  bool has_slope() const { return kind == kSpread || kind == kPositive; }
};

struct OpCase {
  std::string op;
  std::string name;
  Json options = json_object();
  std::vector<CaseInput> inputs;

  std::shared_ptr<const Op> make() const { return ops().make(op, options); }
  std::vector<Shape> shapes() const {
    std::vector<Shape> all;
    for (const CaseInput& input : inputs) all.push_back(input.shape);
    return all;
  }
  std::vector<bool> slopes() const {
    std::vector<bool> all;
    for (const CaseInput& input : inputs) all.push_back(input.has_slope());
    return all;
  }
};

inline void PrintTo(const OpCase& c, std::ostream* out) { *out << c.op << " " << c.name << " " << c.options.dump(); }

/** The numbers of the case's inputs; another seed gives others. */
inline std::vector<Tensor> numbers(const OpCase& c, uint64_t seed = 1) {
  std::vector<Tensor> all;
  for (size_t k = 0; k < c.inputs.size(); ++k) {
    const CaseInput& input = c.inputs[k];
    Tensor t(input.shape);
    const int64_t places = t.size() + t.size() % 2;  // an even count keeps the middle one off 0
    const double spacing = std::max(kSpacing, 2.0 / static_cast<double>(places));
    const std::vector<int64_t> order = permutation(places, RandomStream(seed, "op-case"), k);
    for (int64_t i = 0; i < t.size(); ++i) {
      const double place = static_cast<double>(order[static_cast<size_t>(i)]);
      switch (input.kind) {
        case CaseInput::kSpread:
          t[i] = static_cast<float>((place + 0.5 - static_cast<double>(places) / 2) * spacing);
          break;
        case CaseInput::kPositive:
        case CaseInput::kFixed:
          t[i] = static_cast<float>(0.2 + place * spacing);
          break;
        case CaseInput::kLabels:
          t[i] = static_cast<float>(i % 3);
          break;
        case CaseInput::kLargest:
          t[i] = static_cast<float>(i % 2 == 0 ? -1 : i % 3);
          break;
      }
    }
    all.push_back(std::move(t));
  }
  return all;
}

inline const std::vector<OpCase>& op_cases() {
  using enum CaseInput::Kind;
  static const Shape image{2, 4, 5, 6}, plane{4, 5, 6};
  static const Shape wide{2, 19, 6, 6};  // in numbers as in extents: from about −8 to 8
  const auto fixed = [](Shape shape) { return CaseInput{shape, kFixed}; };
  const auto batch_norm = [&](Shape x, Shape gamma, Shape p, bool residual) {
    std::vector<CaseInput> all{{x}, {gamma}, {gamma}, fixed(p), fixed(p)};
    if (residual) all.push_back({x});
    return all;
  };
  const auto batch_norm_backward = [&](Shape x, Shape gamma, Shape p, int upstreams) {
    std::vector<CaseInput> all{fixed(x), fixed(gamma), fixed(gamma), fixed(p), fixed(p), fixed(x)};
    for (int i = 0; i < upstreams; ++i) all.push_back(fixed(x));
    return all;
  };
  static const std::vector<OpCase> cases = {
      {"input", "plain", {{"shape", {2, 3}}}, {}},
      {"parameter", "plain", {{"shape", {4, 3, 3, 3}}, {"init", "zeros"}}, {}},
      {"constant", "one", {{"shape", {1}}, {"value", 1.5}}, {}},

      {"conv2d", "plain", json_object(), {{image}, {{3, 4, 3, 3}}}},
      {"conv2d", "pad", {{"pad", 1}}, {{image}, {{3, 4, 3, 3}}}},
      {"conv2d", "wide-pad", {{"pad", 3}}, {{{1, 2, 3, 4}}, {{2, 2, 3, 3}}}},
      {"conv2d", "bias", {{"pad", 1}, {"bias", true}}, {{image}, {{3, 4, 3, 3}}, {{3}}}},
      {"conv2d", "stride", {{"stride", 2}, {"pad", 1}}, {{image}, {{3, 4, 3, 3}}}},
      {"conv2d", "stride-3-leaves-a-rest", {{"stride", 3}}, {{{2, 2, 7, 8}}, {{3, 2, 2, 3}}}},
      {"conv2d", "point", json_object(), {{image}, {{5, 4, 1, 1}}}},
      {"conv2d", "point-stride", {{"stride", 2}}, {{image}, {{5, 4, 1, 1}}}},
      {"conv2d", "groups", {{"groups", 2}, {"pad", 1}}, {{image}, {{6, 2, 3, 3}}}},
      {"conv2d", "depthwise", {{"groups", 4}, {"pad", 1}, {"bias", true}}, {{image}, {{4, 1, 3, 3}}, {{4}}}},
      {"conv2d", "dilation", {{"dilation", 2}, {"pad", 2}}, {{image}, {{3, 4, 3, 3}}}},
      {"conv2d", "residual", {{"pad", 1}, {"residual", true}}, {{image}, {{4, 4, 3, 3}}, {image}}},
      {"conv2d", "relu", {{"pad", 1}, {"relu", true}}, {{image}, {{3, 4, 3, 3}}}},
      {"conv2d", "tanh", {{"pad", 1}, {"relu", {{"of", "tanh"}, {"tuning", 0.0}, {"high", 0.0}}}}, {{image}, {{3, 4, 3, 3}}}},
      {"conv2d",
       "residual-sigmoid",
       {{"pad", 1}, {"residual", true}, {"relu", {{"of", "sigmoid"}, {"tuning", 0.0}, {"high", 0.0}}}},
       {{image}, {{4, 4, 3, 3}}, {image}}},
      {"conv2d",
       "everything",
       {{"stride", 2}, {"pad", 2}, {"dilation", 2}, {"groups", 2}, {"bias", true}, {"residual", true}, {"relu", true}},
       {{image}, {{6, 2, 3, 3}}, {{6}}, {{2, 6, 3, 3}}}},
      {"conv2d-backward-data",
       "stride",
       {{"stride", 2}, {"pad", 1}, {"rows", 5}, {"columns", 6}},
       {fixed({2, 3, 3, 3}), fixed({3, 4, 3, 3})}},
      {"conv2d-backward-weights",
       "bias",
       {{"stride", 2}, {"pad", 1}, {"kernel_rows", 3}, {"kernel_columns", 3}, {"bias", true}},
       {fixed(image), fixed({2, 3, 3, 3})}},
      {"scale-filters", "convolution", json_object(), {fixed({3, 4, 3, 3}), fixed({3})}},
      {"scale-filters", "linear", json_object(), {fixed({3, 4}), fixed({3})}},
      {"scale-bias", "plain", json_object(), {fixed({3}), fixed({3}), fixed({3})}},

      {"linear", "bias", json_object(), {{{3, 7}}, {{5, 7}}, {{5}}}},
      {"linear", "bare", {{"bias", false}}, {{{3, 7}}, {{5, 7}}}},
      {"linear", "relu", {{"relu", true}}, {{{3, 7}}, {{5, 7}}, {{5}}}},
      {"linear", "sigmoid", {{"relu", {{"of", "sigmoid"}, {"tuning", 0.0}, {"high", 0.0}}}}, {{{3, 7}}, {{5, 7}}, {{5}}}},
      {"linear", "images", json_object(), {{{2, 2, 3, 4}}, {{5, 24}}, {{5}}}},
      {"linear", "images-relu", {{"bias", false}, {"relu", true}}, {{{2, 2, 3, 4}}, {{5, 24}}}},
      {"linear-backward-data", "images", {{"features", {2, 3, 4}}}, {fixed({2, 5}), fixed({5, 24})}},
      {"linear-backward-weights", "bias", json_object(), {fixed({3, 7}), fixed({3, 5})}},

      {"batch-norm", "plain", json_object(), batch_norm(image, {4}, {4}, false)},
      {"batch-norm", "large-eps", {{"eps", 0.1}}, batch_norm(image, {4}, {4}, false)},
      {"batch-norm", "one-gamma", json_object(), batch_norm(image, {1}, {4}, false)},
      {"batch-norm", "relu", {{"relu", true}}, batch_norm(image, {4}, {4}, false)},
      {"batch-norm", "residual", {{"residual", true}}, batch_norm(image, {4}, {4}, true)},
      {"batch-norm", "residual-relu", {{"residual", true}, {"relu", true}}, batch_norm(image, {4}, {4}, true)},
      {"batch-norm", "elu", {{"relu", {{"of", "elu"}, {"tuning", 1.0}, {"high", 0.0}}}}, batch_norm(image, {4}, {4}, false)},
      {"batch-norm",
       "residual-tanh",
       {{"residual", true}, {"relu", {{"of", "tanh"}, {"tuning", 0.0}, {"high", 0.0}}}},
       batch_norm(image, {4}, {4}, true)},
      {"batch-norm", "biased", {{"unbiased", false}}, batch_norm(image, {4}, {4}, false)},
      {"batch-norm", "per-activation", {{"per_activation", true}}, batch_norm({6, 2, 3, 4}, {2, 3, 4}, {2, 3, 4}, false)},
      {"batch-norm",
       "per-activation-one-gamma",
       {{"per_activation", true}, {"unbiased", false}, {"relu", true}},
       batch_norm({6, 2, 3, 4}, {1}, {2, 3, 4}, false)},
      {"batch-norm-again", "plain", json_object(), {fixed({3, 4, 2, 3}), fixed({4}), fixed({4}), fixed({4}), fixed({4})}},
      {"batch-norm-again",
       "residual",
       {{"residual", true}, {"relu", true}},
       {fixed({3, 4, 2, 3}), fixed({4}), fixed({4}), fixed({4}), fixed({4}), fixed({3, 4, 2, 3})}},
      {"batch-norm-again",
       "sigmoid",
       {{"relu", {{"of", "sigmoid"}, {"tuning", 0.0}, {"high", 0.0}}}},
       {fixed({3, 4, 2, 3}), fixed({4}), fixed({4}), fixed({4}), fixed({4})}},
      {"batch-norm-again",
       "per-activation",
       {{"relu", true}},
       {fixed({3, 2, 2, 3}), fixed({1}), fixed({1}), fixed({2, 2, 3}), fixed({2, 2, 3})}},
      {"batch-norm-backward", "plain", json_object(), batch_norm_backward(image, {4}, {4}, 1)},
      {"batch-norm-backward",
       "residual-relu-two-upstreams",
       {{"residual", true}, {"relu", true}, {"upstreams", 2}},
       batch_norm_backward(image, {4}, {4}, 2)},
      {"batch-norm-backward", "per-activation", {{"per_activation", true}}, batch_norm_backward(image, {1}, plane, 1)},
      {"running-average", "plain", {{"correction", 1.25}}, {fixed({4}), fixed({4})}},
      {"batch-norm-scale", "plain", json_object(), {fixed({4}), fixed({4})}},
      {"batch-norm-scale", "one-gamma", json_object(), {fixed({1}), fixed(plane)}},
      {"batch-norm-shift", "plain", json_object(), {fixed({4}), fixed({4}), fixed({4})}},
      {"batch-norm-shift", "one-beta", json_object(), {fixed({1}), fixed(plane), fixed(plane)}},

      {"affine", "channels", json_object(), {{image}, fixed({4}), fixed({4})}},
      {"affine", "activations", json_object(), {{image}, fixed(plane), fixed(plane)}},
      {"affine", "residual-relu", {{"residual", true}, {"relu", true}}, {{image}, fixed({4}), fixed({4}), {image}}},
      {"affine", "sigmoid", {{"relu", {{"of", "sigmoid"}, {"tuning", 0.0}, {"high", 0.0}}}}, {{image}, fixed({4}), fixed({4})}},
      {"scale", "channels", json_object(), {fixed(image), fixed({4})}},
      {"scale", "activations", json_object(), {fixed(image), fixed(plane)}},
      {"normalize", "plain", {{"mean", {0.5, 0.4, 0.3}}, {"std", {0.2, 0.25, 0.3}}}, {{{2, 3, 4, 5}}}},

      {"relu", "images", json_object(), {{image}}},
      {"relu", "rows", json_object(), {{{3, 7}}}},
      {"relu6", "images", json_object(), {{wide}}},
      {"leaky-relu", "images", json_object(), {{image}}},
      {"leaky-relu", "steep-rows", {{"slope", 0.5}}, {{{3, 7}}}},
      {"elu", "images", json_object(), {{image}}},
      {"elu", "large-alpha-rows", {{"alpha", 1.5}}, {{{3, 7}}}},
      {"celu", "images", json_object(), {{image}}},
      {"celu", "small-alpha-rows", {{"alpha", 0.3}}, {{{3, 7}}}},
      {"selu", "images", json_object(), {{image}}},
      {"tanh", "images", json_object(), {{image}}},
      {"tanh", "rows", json_object(), {{{3, 7}}}},
      {"sigmoid", "images", json_object(), {{image}}},
      {"clamp", "images", {{"low", -0.6}, {"high", 1.2}}, {{image}}},
      {"clamp", "above-zero", {{"low", 0.6}, {"high", 6.0}}, {{wide}}},
      {"clamp", "rows", {{"low", -0.6}, {"high", -0.3}}, {{{3, 7}}}},
      {"activation-backward", "relu", json_object(), {fixed(image), fixed(image)}},
      {"activation-backward", "relu-three-upstreams", {{"upstreams", 3}}, {fixed(image), fixed(image), fixed(image), fixed(image)}},
      {"activation-backward", "tanh", {{"of", "tanh"}}, {fixed(image), fixed(image)}},
      {"activation-backward",
       "leaky-relu-three-upstreams",
       {{"of", "leaky-relu"}, {"tuning", 0.1}, {"upstreams", 3}},
       {fixed({3, 7}), fixed({3, 7}), fixed({3, 7}), fixed({3, 7})}},
      {"activation-backward",
       "clamp",
       {{"of", "clamp"}, {"tuning", 0.5}, {"high", 1.0}, {"upstreams", 2}},
       {fixed(image), fixed(image), fixed(image)}},
      {"prelu", "one-slope", json_object(), {{image}, {{1}}}},
      {"prelu", "channels", json_object(), {{image}, {{4}}}},
      {"prelu", "rows", json_object(), {{{3, 7}}, {{7}}}},
      {"prelu-backward", "channels", json_object(), {fixed(image), fixed({4}), fixed(image)}},
      {"rrelu", "images", {{"stream", "case"}}, {{image}}},
      {"rrelu", "planes-of-fours", {{"stream", "case"}, {"lower", 0.0}, {"upper", 1.5}}, {{{2, 4, 4, 6}}}},
      {"rrelu", "rows", {{"stream", "case"}}, {{{3, 7}}}},
      {"rrelu-backward", "images", {{"stream", "case"}}, {fixed(image), fixed(image)}},

      {"add", "images", json_object(), {{image}, {image}}},
      {"multiply", "images", json_object(), {{image}, {image}}},
      {"multiply", "gates", json_object(), {{image}, {{2, 4, 1, 1}}}},
      {"multiply", "rows", json_object(), {{{3, 7}}, {{3, 7}}}},
      {"plane-sum", "images", json_object(), {fixed(image)}},
      {"lrn", "images", {{"size", 3}, {"alpha", 0.5}}, {{image}}},
      {"lrn", "even-size", {{"size", 4}, {"alpha", 0.5}, {"beta", 0.5}, {"bias", 2.0}}, {{image}}},
      {"lrn-backward", "images", {{"size", 3}, {"alpha", 0.5}}, {fixed(image), fixed(image)}},
      {"lrn-lift", "images", {{"size", 3}, {"alpha", 0.5}}, {fixed(image), fixed(image), fixed(image)}},
      {"standardize", "groups", {{"groups", 2}, {"eps", 0.1}}, {{image}}},
      {"standardize", "whole-images", {{"eps", 0.1}}, {{image}}},
      {"standardize", "instances", {{"groups", 4}, {"eps", 0.1}}, {{image}}},
      {"standardize", "channels", {{"over", "channels"}, {"eps", 0.1}}, {{image}}},
      {"standardize", "whole-blocks", {{"over", "channels"}, {"eps", 0.1}}, {{{2, 32, 3, 5}}}},
      {"standardize", "rows", {{"over", "channels"}, {"eps", 0.1}}, {{{3, 7}}}},
      {"standardize-backward", "channels", {{"over", "channels"}}, {fixed(image), fixed(image)}},
      {"standardize-backward", "whole-blocks", {{"over", "channels"}}, {fixed({2, 32, 3, 5}), fixed({2, 32, 3, 5})}},
      {"standardize-held-backward", "groups", {{"groups", 2}}, {fixed(image), fixed(image)}},
      {"standardize-lift", "channels", {{"over", "channels"}}, {fixed(image), fixed(image), fixed(image)}},
      {"standardize-lift", "groups", {{"groups", 2}}, {fixed(image), fixed(image), fixed(image)}},
      {"secant", "images", json_object(), {fixed(image), fixed(image), fixed(image), fixed(image), fixed(image), fixed(image)}},
      {"quotient", "images", json_object(), {fixed(image), fixed(image)}},
      {"quotient", "rows", {{"epsilon", 0.1}}, {fixed({3, 7}), fixed({3, 7})}},
      {"absorbed", "channels", {{"epsilon", 0.1}, {"bias", true}}, {fixed(image), fixed(image), fixed({4})}},
      {"absorbed", "rows", json_object(), {fixed({3, 7}), fixed({3, 7})}},
      {"absorbed", "whole", {{"bias", true}}, {fixed(image), fixed(image), fixed(image)}},
      {"gelu", "images", json_object(), {{image}}},
      {"gelu", "by-tanh", {{"tanh", true}}, {{image}}},
      {"erf", "images", json_object(), {{image}}},
      {"exp", "images", json_object(), {{image}}},
      {"log", "images", json_object(), {{image, kPositive}}},
      {"abs", "images", json_object(), {{image}}},
      {"softplus", "images", json_object(), {{image}}},
      {"power", "square", json_object(), {{image}}},
      {"power", "root", {{"exponent", 0.5}}, {{image, kPositive}}},
      {"power", "reciprocal-rows", {{"exponent", -1.0}}, {{{3, 7}, kPositive}}},
      {"unary-backward", "gelu", {{"of", "gelu"}}, {fixed(image), fixed(image)}},
      {"dropout", "half", {{"rate", 0.5}, {"stream", "case"}}, {{image}}},
      {"dropout", "rows", {{"rate", 0.2}, {"stream", "case"}}, {{{3, 7}}}},
      {"drop-images", "some", {{"rate", 0.2}, {"stream", "case"}}, {{image}}},
      {"softmax", "plain", json_object(), {{{3, 7}}}},
      {"softmax-backward", "plain", json_object(), {fixed({3, 7}), fixed({3, 7})}},
      {"softmax-lift", "plain", json_object(), {fixed({3, 7}), fixed({3, 7}), fixed({3, 7})}},

      {"max-pool", "halves", json_object(), {{{2, 3, 6, 8}}}},
      {"max-pool", "overlap", {{"kernel", 3}, {"stride", 2}, {"pad", 1}}, {{{2, 3, 7, 8}}}},
      {"max-pool", "ceil", {{"kernel", 3}, {"stride", 2}, {"ceil", true}}, {{{2, 3, 6, 8}}}},
      {"max-pool", "oblong", {{"kernel", 3}, {"stride", 2}, {"kernel_columns", 2}}, {{{2, 3, 7, 8}}}},
      {"max-pool-lift",
       "overlap",
       {{"kernel", 3}, {"stride", 2}, {"pad", 1}},
       {fixed({2, 3, 7, 8}), fixed({2, 3, 7, 8}), fixed({2, 3, 4, 4})}},
      {"max-pool-backward", "overlap", {{"kernel", 3}, {"stride", 2}, {"pad", 1}}, {fixed({2, 3, 7, 8}), fixed({2, 3, 4, 4})}},
      {"avg-pool", "halves", json_object(), {{{2, 3, 6, 8}}}},
      {"avg-pool", "pad-counts", {{"kernel", 3}, {"stride", 2}, {"pad", 1}}, {{{2, 3, 7, 8}}}},
      {"avg-pool", "pad-does-not-count", {{"kernel", 3}, {"stride", 2}, {"pad", 1}, {"count_include_pad", false}}, {{{2, 3, 7, 8}}}},
      {"avg-pool", "ceil", {{"kernel", 3}, {"stride", 2}, {"pad", 1}, {"ceil", true}}, {{{2, 3, 6, 8}}}},
      {"avg-pool",
       "ceil-pad-does-not-count",
       {{"kernel", 3}, {"stride", 2}, {"pad", 1}, {"ceil", true}, {"count_include_pad", false}},
       {{{2, 3, 6, 8}}}},
      {"avg-pool-backward", "pad", {{"kernel", 3}, {"stride", 2}, {"pad", 1}, {"rows", 7}, {"columns", 8}}, {fixed({2, 3, 4, 4})}},
      {"global-avg-pool", "plain", json_object(), {{image}}},
      {"global-avg-pool-backward", "plain", {{"rows", 5}, {"columns", 6}}, {fixed({2, 4, 1, 1})}},

      {"identity", "images", json_object(), {{image}}},
      {"flatten", "images", json_object(), {{image}}},
      {"unflatten", "images", {{"features", {4, 5, 6}}}, {{{2, 120}}}},
      {"subsample", "halves", json_object(), {{image}}},
      {"subsample", "thirds", {{"rate", 3}}, {{image}}},
      {"subsample-backward", "halves", {{"rows", 5}, {"columns", 6}}, {fixed({2, 4, 3, 3})}},
      {"downsample", "blur-4", json_object(), {{image}}},
      {"downsample", "blur-7-zero", {{"size", 7}, {"edge", "zero"}, {"rate", 3}}, {{image}}},
      {"downsample", "blur-on-two-blocks", {{"size", 3}, {"edge", "circular"}}, {{wide}}},
      {"downsample", "plain", {{"filter", "plain"}}, {{image}}},
      {"downsample", "area", {{"filter", "area"}, {"edge", "replicate"}}, {{image}}},
      {"downsample", "lanczos", {{"filter", "lanczos"}}, {{image}}},
      {"downsample", "flc", {{"filter", "flc"}}, {{image}}},
      {"downsample", "flc-dense", {{"filter", "flc"}, {"dense", true}}, {{image}}},
      {"downsample", "asap-on-two-blocks", {{"filter", "asap"}}, {{wide}}},
      {"downsample-backward", "blur-4", {{"rows", 5}, {"columns", 6}}, {fixed({2, 4, 3, 3})}},
      {"downsample-backward", "flc-dense", {{"filter", "flc"}, {"dense", true}, {"rows", 5}, {"columns", 6}}, {fixed({2, 4, 5, 6})}},
      {"polyphase-choice", "l2", json_object(), {fixed(image)}},
      {"polyphase-choice", "l1-min-rate-3", {{"rate", 3}, {"criterion", "l1-min"}}, {fixed(image)}},
      {"polyphase-take", "halves-of-odd-rows", json_object(), {{image}, {{2, 1, 1, 1}, kLabels}}},
      {"polyphase-take", "rate-3", {{"rate", 3}}, {{{3, 2, 6, 9}}, {{3, 1, 1, 1}, kLabels}}},
      {"polyphase-take", "rows-and-columns-go-round", json_object(), {{{3, 2, 5, 5}}, {{3, 1, 1, 1}, kLabels}}},
      {"polyphase-take-backward",
       "rows-and-columns-go-round",
       {{"rows", 5}, {"columns", 5}},
       {fixed({3, 2, 3, 3}), {{3, 1, 1, 1}, kLabels}}},
      {"polyphase-take-backward", "halves-of-odd-rows", {{"rows", 5}, {"columns", 6}}, {fixed({2, 4, 3, 3}), {{2, 1, 1, 1}, kLabels}}},
      {"zero-pad-channels", "both", {{"before", 1}, {"after", 2}}, {{image}}},
      {"zero-pad-channels", "rows", {{"before", 1}, {"after", 2}}, {{{3, 7}}}},
      {"take-channels", "middle", {{"first", 1}, {"count", 2}}, {{image}}},
      {"take-channels", "rows", {{"first", 2}, {"count", 4}}, {{{3, 7}}}},
      {"gather-channels", "shuffled-and-repeated", {{"channels", {2, 0, 3, 1, 0}}}, {{image}}},
      {"gather-channels", "rows", {{"channels", {6, 1}}}, {{{3, 7}}}},
      {"gather-channels-backward", "repeated", {{"channels", {2, 0, 0}}, {"count", 4}}, {fixed({2, 3, 5, 6})}},
      {"resample", "reflected", {{"rows", {1, 0, 1, 2, 3, 4, 3}}, {"columns", {0, 1, 2, 3, 4, 5, 4, 3}}}, {{image}}},
      {"resample", "every-second-row", {{"rows", {0, 2, 4}}, {"columns", {0, 1, 2, 3, 4, 5}}}, {{image}}},
      {"resample",
       "weighted",
       {{"taps", 2},
        {"rows", {0, 1, 2, 3, 4, 4}},
        {"row_weights", {0.25, 0.75, 0.5, 0.5, 1.0, 0.0}},
        {"columns", {0, 1, 4, 5}},
        {"column_weights", {0.3, 0.7, -0.1, 1.1}}},
       {{image}}},
      {"resample-backward", "repeated", {{"rows", {0, 0}}, {"columns", {1, 2}}, {"height", 2}, {"width", 3}}, {fixed({2, 4, 2, 2})}},
      {"concat", "images", {{"inputs", 3}}, {{image}, {{2, 1, 5, 6}}, {{2, 18, 5, 6}}}},
      {"concat", "one", {{"inputs", 1}}, {{image}}},
      {"concat", "rows", json_object(), {{{3, 7}}, {{3, 2}}}},
      {"pad", "each-side", {{"top", 1}, {"bottom", 2}, {"left", 3}}, {{image}}},
      {"pad", "value", {{"top", 1}, {"right", 2}, {"value", -1.5}}, {{image}}},
      {"crop", "window", {{"top", 1}, {"left", 2}, {"rows", 3}, {"columns", 4}}, {{image}}},

      {"perturb", "own-masks", json_object(), {{{3, 2, 2, 3}}, {{2, 1, 2, 3}}}},
      {"perturb", "shared-mask", {{"level", 0.1}}, {{{3, 2, 2, 3}}, {{1, 1, 2, 3}}}},
      {"perturb", "many-masks", {{"level", -1.0}}, {{{3, 2, 2, 3}}, {{2, 4, 2, 3}}}},
      {"perturb", "many-shared-masks", json_object(), {{{3, 2, 2, 3}}, {{1, 4, 2, 3}}}},
      {"perturb", "channels-of-two-blocks", json_object(), {fixed({3, 19, 2, 3}), fixed({19, 1, 2, 3})}},
      {"perturb-backward", "two-masks", {{"nmasks", 2}}, {fixed({3, 4, 2, 3})}},
      {"perturb-backward-masks", "own", {{"nmasks", 2}}, {fixed({3, 4, 2, 3})}},
      {"perturb-backward-masks", "shared", {{"nmasks", 2}, {"unique", false}}, {fixed({3, 4, 2, 3})}},
      // Levels are such that x + level · mask is an odd multiple of half the spacing of x: no ReLU opens or closes within a step.
      {"perturb-mix", "own-masks", {{"level", 2.0}}, {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{2, 3, 1, 1}}, {{2}}}},
      {"perturb-mix", "shared-masks", {{"level", 1.0}}, {{{3, 2, 2, 2}}, {{1, 3, 2, 2}}, {{2, 3, 1, 1}}, {{2}}}},
      {"perturb-mix", "two-outputs-a-channel", {{"level", 2.0}}, {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{4, 3, 1, 1}}, {{4}}}},
      {"perturb-mix", "no-activation", {{"act", "none"}}, {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{4, 3, 1, 1}}, {{4}}}},
      {"perturb-mix",
       "leaky-relu",
       {{"level", 2.0}, {"act", "leaky-relu"}, {"tuning", 0.1}},
       {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{2, 3, 1, 1}}, {{2}}}},
      {"perturb-mix", "prelu", {{"level", 2.0}, {"act", "prelu"}}, {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{4, 3, 1, 1}}, {{4}}, {{1}}}},
      {"perturb-mix",
       "rrelu",
       {{"level", 2.0}, {"act", "rrelu"}, {"stream", "case"}},
       {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{2, 3, 1, 1}}, {{2}}}},
      {"perturb-mix", "elu", {{"act", "elu"}, {"tuning", 1.0}}, {{{3, 2, 2, 2}}, {{2, 3, 2, 2}}, {{2, 3, 1, 1}}, {{2}}}},
      {"perturb-mix",
       "selu",
       {{"level", 1.0}, {"act", "selu"}, {"tuning", 1.6732632423543772}},
       {{{3, 2, 2, 2}}, {{1, 3, 2, 2}}, {{2, 3, 1, 1}}, {{2}}}},
      {"perturb-mix", "tanh", {{"act", "tanh"}}, {{{11, 19, 1, 2}}, {{19, 3, 1, 2}}, {{19, 3, 1, 1}}, {{19}}}},
      {"perturb-mix", "sigmoid", {{"act", "sigmoid"}}, {{{11, 6, 1, 2}}, {{1, 5, 1, 2}}, {{18, 5, 1, 1}}, {{18}}}},
      {"perturb-mix",
       "relu-on-two-blocks",
       {{"level", -1.25}},
       {fixed({11, 19, 2, 3}), fixed({19, 5, 2, 3}), fixed({19, 5, 1, 1}), fixed({19})}},
      {"perturb-mix",
       "relu6-shared-on-two-blocks",
       {{"level", 0.5}, {"act", "relu6"}},
       {fixed({11, 19, 2, 3}), fixed({1, 5, 2, 3}), fixed({38, 5, 1, 1}), fixed({38})}},
      {"perturb-mix-backward",
       "own-masks-on-two-blocks",
       {{"level", -1.25}, {"masks", true}},
       {fixed({11, 19, 2, 3}), fixed({19, 5, 2, 3}), fixed({19, 5, 1, 1}), fixed({11, 19, 2, 3})}},
      {"perturb-mix-backward",
       "shared-masks-three-outputs-a-channel",
       {{"level", -1.25}, {"masks", true}},
       {fixed({11, 19, 2, 3}), fixed({1, 5, 2, 3}), fixed({57, 5, 1, 1}), fixed({11, 57, 2, 3})}},
      {"perturb-mix",
       "more-pixels-than-one-chunk",
       {{"level", -1.25}},
       {fixed({3, 17, 5, 9}), fixed({17, 3, 5, 9}), fixed({17, 3, 1, 1}), fixed({17})}},
      {"perturb-mix-backward",
       "own-masks-on-more-pixels-than-one-chunk",
       {{"level", -1.25}, {"masks", true}},
       {fixed({3, 17, 5, 9}), fixed({17, 3, 5, 9}), fixed({17, 3, 1, 1}), fixed({3, 17, 5, 9})}},
      {"perturb-mix-backward",
       "shared-masks-on-more-pixels-than-one-chunk",
       {{"level", -1.25}, {"masks", true}},
       {fixed({3, 17, 5, 9}), fixed({1, 3, 5, 9}), fixed({17, 3, 1, 1}), fixed({3, 17, 5, 9})}},
      {"perturb-mix-backward",
       "prelu",
       {{"level", -1.25}, {"act", "prelu"}},
       {fixed({11, 19, 2, 3}), fixed({19, 5, 2, 3}), fixed({19, 5, 1, 1}), fixed({11, 19, 2, 3}), fixed({1})}},

      {"cross-entropy", "mean", json_object(), {{{5, 7}}, {{5}, kLabels}}},
      {"cross-entropy", "sum", {{"reduction", "sum"}}, {{{5, 7}}, {{5}, kLabels}}},
      {"cross-entropy", "smoothing", {{"smoothing", 0.1}}, {{{5, 7}}, {{5}, kLabels}}},
      {"cross-entropy", "softmax-twice", {{"of", "softmax-twice"}}, {{{5, 7}}, {{5}, kLabels}}},
      {"cross-entropy",
       "softmax-twice-smoothing-sum",
       {{"of", "softmax-twice"}, {"reduction", "sum"}, {"smoothing", 0.2}},
       {{{5, 7}}, {{5}, kLabels}}},
      {"cross-entropy", "probabilities", {{"of", "probabilities"}, {"floor", 1e-7}}, {{{5, 7}, kPositive}, {{5}, kLabels}}},
      {"cross-entropy",
       "probabilities-smoothing-sum",
       {{"of", "probabilities"}, {"reduction", "sum"}, {"smoothing", 0.1}, {"floor", 1e-7}},
       {{{5, 7}, kPositive}, {{5}, kLabels}}},
      {"cross-entropy", "distributions", {{"smoothing", 0.1}, {"reduction", "sum"}}, {{{5, 7}}, fixed({5, 7})}},
      {"trades", "usual", json_object(), {{{6, 7}}, {{6}, kLabels}}},
      {"trades", "light", {{"beta", 0.5}}, {{{2, 3}}, {{2}, kLabels}}},
      {"trades-backward", "usual", json_object(), {fixed({6, 7}), {{6}, kLabels}, fixed({1})}},
      {"cross-entropy-backward", "mean", json_object(), {fixed({5, 7}), {{5}, kLabels}, fixed({1})}},
      {"attack-loss", "log-odds", json_object(), {{{5, 7}}, {{5}, kLabels}}},
      {"attack-loss", "margin", {{"of", "margin"}}, {{{5, 7}}, {{5}, kLabels}}},
      {"attack-loss", "dlr", {{"of", "dlr"}}, {{{5, 7}}, {{5}, kLabels}}},
      {"attack-loss-backward", "log-odds", json_object(), {fixed({5, 7}), {{5}, kLabels}, fixed({1})}},
      {"redirect", "below", {{"low", 0.5}}, {fixed(image), fixed(image), fixed(image)}},
      {"redirect", "both", {{"low", 0.5}, {"high", 0.7}, {"bounded", true}}, {fixed(image), fixed(image), fixed(image)}},
      {"pick", "labels", json_object(), {{{5, 7}}, {{5}, kLabels}}},
      {"pick", "largest", json_object(), {{{5, 7}}, {{5}, kLargest}}},
      {"pick", "weights", json_object(), {{{5, 7}}, fixed({5, 7})}},
      {"pick-backward", "weights", json_object(), {fixed({5, 7}), fixed({5, 7}), fixed({1})}},
      {"pick-backward", "labels", json_object(), {fixed({5, 7}), {{5}, kLabels}, fixed({1})}},
  };
  return cases;
}

}  // namespace convscope::testing_graph
