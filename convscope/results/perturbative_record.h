#pragma once

#include <string>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** A network of the perturbation study, trained with one or several seeds: each in `runs/NAME/seed-N` of the study's folder. */
struct PerturbativeRun {
  std::string name;
  std::string label;
  std::string group;
  std::string kind;
  std::string role = {};
  std::string model = {};
  double published = kUnknown;
  std::vector<int64_t> seeds = {};
  int64_t epochs = 0;
  int64_t parameters = 0;
  int64_t masks = 0;
  int64_t macs = 0;

  void fields(auto&& field) {
    field("name", name, "of its folder");
    field("label", label, "what people call it");
    field("group", group, "published (one of the eight runs), history (earlier or other tellings of them) or budget (ours)");
    field("kind", kind, "what stands in the place of convolutions: 3×3, separable, 1×1, masks");
    field("role", role, "in the comparison of all: baseline, pointwise, masks, everywhere or meters; else empty");
    field("model", model, "network and its options, as it was trained here");
    field("published", published, "test accuracy as published, the best epoch's; share");
    field("seeds", seeds, "of its trainings");
    field("epochs", epochs, "of each training");
    field("parameters", parameters, "trained numbers of the network as it was trained here");
    field("masks", masks, "numbers in its masks that are not trained");
    field("macs", macs, "multiply-adds for an image");
  }
  void check(std::string_view whose) const;
};

/** How far the highest of several published test accuracies lies above the truth, simulated for a network of known accuracy. */
struct SmoothingTrial {
  double accuracy = 0;
  double keep = 0;
  int64_t images = 10000;
  int64_t batch = 10;
  int64_t epochs = 1;
  int64_t trials = 1;
  double mean = 0;
  double deviation = 0;
  double closed_form = 0;
  double best_smoothed = 0;
  double best_exact = 0;

  void fields(auto&& field) {
    field("accuracy", accuracy, "true one; share, like all below");
    field("keep", keep, "chance that an image's answer stays what it was in the epoch before; else it is drawn anew");
    field("images", images, "of the test set");
    field("batch", batch, "images of a batch");
    field("epochs", epochs, "of which the best is chosen");
    field("trials", trials, "simulated trainings");
    field("mean", mean, "of the smoothed accuracy over all epochs");
    field("deviation", deviation, "its standard deviation");
    field("closed_form", closed_form, "what that should be: √(0.3 / 1.7) √(accuracy (1 − accuracy) / batch)");
    field("best_smoothed", best_smoothed, "mean over the trials of the highest smoothed accuracy");
    field("best_exact", best_exact, "the same of the proper accuracy");
  }
};

/** How well masks and 1×1 weights that were fitted to some images do as a convolution. Residuals are shares of the output's variance. */
struct MaskFitPoint {
  int64_t masks = 1;
  int64_t images = 1;
  double fitted = 0;
  double fresh = 0;

  void fields(auto&& field) {
    field("masks", masks, "of each channel");
    field("images", images, "that masks and weights were fitted to");
    field("fitted", fitted, "what is left on these images");
    field("fresh", fresh, "what is left on others");
  }
  void check(std::string_view whose) const;
};

/** What masks have to stand for: a 3×3 convolution, and its output less the part of its centre. */
struct MaskFitRecord {
  std::string layer;
  std::string network;
  int64_t channels = 0, filters = 0, positions = 0, fresh_images = 0;
  double without_masks = kUnknown;
  int64_t noise_images = 0;
  double by_mask = kUnknown, by_pixel = kUnknown;
  std::vector<MaskFitPoint> points = {};

  void fields(auto&& field) {
    field("layer", layer, "the convolution; empty: nothing was fitted yet");
    field("network", network, "where it stands");
    field("channels", channels, "of its input that were used");
    field("filters", filters, "of it that were used");
    field("positions", positions, "pixels of the map that were used");
    field("fresh_images", fresh_images, "images for the residuals on others");
    field("without_masks", without_masks, "residual on these of a 1×1 convolution alone, fitted to all images");
    field("noise_images", noise_images, "images for the following");
    field(
        "by_mask", by_mask,
        "share of the variance of the output less its centre's part that differs from place to place alone: what any fixed mask can have");
    field("by_pixel", by_pixel, "further share that the pixel itself tells, linearly");
    field("points", points, "one for each count of masks and of images");
  }
};

/** Where the perturbation study stands: perturbative.json in its folder; accuracies are in the runs' metrics.jsonl. */
struct PerturbativeRecord : Provenance {
  int64_t test_images = 10000;
  std::vector<PerturbativeRun> runs;
  std::vector<SmoothingTrial> trials;
  MaskFitRecord fit;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("test_images", test_images, "of each test");
    field("runs", runs, "one for each network of the study");
    field("trials", trials, "one for each simulation of what smoothing makes of an accuracy");
    field("fit", fit, "how well masks can stand for a convolution");
  }
  void check(std::string_view whose) const;
};

/** The role of the run whose accuracy all meters tell, as published. */
inline constexpr std::string_view kMetersRole = "meters";

}  // namespace convscope
