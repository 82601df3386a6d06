#pragma once

#include <string>

#include "convscope/nn/layer.h"

namespace convscope {

/** What all perturbation layers of a network have in common; the names are those of the perturbation study's program. */
struct PerturbationOptions {
  int64_t nmasks = 1;
  bool unique_masks = true;
  bool train_masks = false;
  bool mix_maps = false;
  double level = 0.5;
  double scale_noise = 1;
  std::string noise_type = "uniform";
  bool use_act = false;
  std::string act = "relu";

  void fields(auto&& field) {
    field("nmasks", nmasks, "masks of each channel");
    field("unique_masks", unique_masks, "each channel has masks of its own; false: all channels of a layer share one set");
    field("train_masks", train_masks, "masks are parameters");
    field("mix_maps", mix_maps, "a 1×1 convolution over all channels behind each perturbation");
    field("level", level, "factor of the masks");
    field("scale_noise", scale_noise, "further factor in the first layer");
    field("noise_type", noise_type, "masks are drawn from uniform, (-1, 1), or normal, N(0, 1)");
    field("use_act", use_act, "the activation also directly behind the first layer's masks; in all others it always stands there");
    field("act", act, "activation: relu, lrelu, prelu, rrelu, elu, celu, selu, tanh or sigmoid");
  }
  /** Whether they make sense; `whose` opens the message. */
  void check(std::string_view whose) const;
};

/** An error where masks times that are no numbers to train on. */
void require_mask_level(std::string_view whose, double level);

/** Numbers in a network's masks that are not trained; trained ones count as parameters. */
int64_t mask_count(const Graph& graph);

/**
 * x + level · mask, M maps of each channel: what perturbation layers begin with.
 *
 *   x             [N, C, H, W]
 *   `name.masks`  [C, M, H, W], or [1, M, H, W] without unique_masks
 *   y             [N, C M, H, W], a node `name.perturb`
 */
class Masks : public Layer {
 public:
  struct Options {
    int64_t nmasks = 1;
    bool unique_masks = true;
    bool train_masks = false;
    double level = 0.5;
    std::string init = "uniform,bound=1";
    void fields(auto&& field) {
      field("nmasks", nmasks, "masks of each channel");
      field("unique_masks", unique_masks, "each channel has masks of its own");
      field("train_masks", train_masks, "masks are parameters");
      field("level", level, "factor of the masks");
      field("init", init, "initialiser of the masks");
    }
    void check(std::string_view whose) const;
  };
  explicit Masks(Options options) : options_(std::move(options)) { options_.check("masks"); }
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/**
 * Masks, an activation and a 1×1 convolution of each channel's maps in one (graph/ops/perturb.h): none of the maps is in memory.
 *
 *   `name.masks`       as in Masks
 *   `name.conv.weight`, `name.conv.bias`   [K, M, 1, 1] and [K]; K a multiple of C
 *   `name.act.weight`  [1], with act=prelu
 *   y                  [N, K, H, W], a node `name.conv`
 */
class MixedMasks : public Layer {
 public:
  struct Options : Masks::Options {
    int64_t filters = 64;
    std::string act = "relu";
    void fields(auto&& field) {
      field("filters", filters, "output channels, a multiple of those that come in");
      Masks::Options::fields(field);
      field("act", act, "what stands between masks and weights: relu, lrelu, prelu, rrelu, elu, celu, selu, tanh, sigmoid or none");
    }
    void check(std::string_view whose) const;
  };
  explicit MixedMasks(Options options) : options_(std::move(options)) { options_.check("mixed-masks"); }
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/**
 * The perturbation study's layer: a convolution, or fixed masks in its place. S is the side of x.
 *
 *   filter_size k > 0   k×k convolution → batch norm → act
 *   separable, k > 1    k×k convolution of each channel by itself → batch norm → act → 1×1 convolution → batch norm → act
 *   filter_size 0       x + level · mask, M maps of each channel → act → 1×1 convolution of K filters with bias → batch norm → act,
 *                       and with mix_maps → 1×1 convolution of K filters with bias → batch norm → act
 *
 *   masks        [C, M, H, W], or [1, M, H, W] without unique_masks, drawn once, part of the network
 *   conv.weight  [K, M, 1, 1] where M > 1: a channel's maps go into its own K / C outputs alone; [K, C, 1, 1] where M = 1
 *
 * A convolution is padded to keep the size; the study pads 5×5 by 1 alone, so that its sizes do not fit. 1×1 ones have a bias, others
 * none. Separable ones (Howard et al. 2017, "MobileNets") are not the study's. In the `first` layer 7×7 has stride 2 (the study gives it
 * that everywhere), level is times scale_noise, and use_act decides about the act behind the masks. prelu has one slope for all its places
 * in the layer.
 *
 * The C M maps are never in memory where M > 1. Convolutions start from N(0, 2 / (k² K)), biases from PyTorch's default.
 */
class Perturb : public Layer {
 public:
  struct Options : PerturbationOptions {
    int64_t filters = 64;
    int64_t filter_size = 0;
    bool separable = false;
    bool first = false;
    void fields(auto&& field) {
      field("filters", filters, "output channels");
      field("filter_size", filter_size, "0: masks; 1, 3, 5 or 7: a convolution");
      field("separable", separable, "a convolution wider than 1×1 is made of one for each channel and a 1×1");
      field("first", first, "it is a network's first: scale_noise and use_act count");
      PerturbationOptions::fields(field);
    }
  };
  explicit Perturb(Options options);
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/**
 * The layer as it was first published: x + level · mask, one mask (C, H, W) in (−1, 1) for all images → ReLU → batch norm of C → 1×1
 * convolution of K filters with bias.
 */
class Noise : public Layer {
 public:
  struct Options {
    int64_t filters = 64;
    double level = 0.1;
    void fields(auto&& field) {
      field("filters", filters, "output channels");
      field("level", level, "factor of the masks");
    }
  };
  explicit Noise(Options options);
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

/**
 * The first layer of the authors' later network, all of whose layers have masks (github.com/juefeix/pnn.pytorch.update):
 *
 *   x + 20 · level · scale_noise · mask, 5 K maps of each of the C channels → batch norm → sigmoid → 1×1 convolution of C K filters with
 *   bias, a channel's maps into its own K → batch norm → sigmoid → with mix_maps 1×1 convolution of C K filters, batch norm and sigmoid
 *   → 1×1 convolution of K filters without bias → batch norm → act
 *
 * The batch norm behind the masks wants all maps at once: here they are in memory.
 */
class WidePerturb : public Layer {
 public:
  struct Options : PerturbationOptions {
    int64_t filters = 64;
    void fields(auto&& field) {
      field("filters", filters, "output channels, K");
      PerturbationOptions::fields(field);
    }
  };
  explicit WidePerturb(Options options);
  Value build(Builder& graph, std::string_view name, Value x) const override;

 private:
  Options options_;
};

}  // namespace convscope
