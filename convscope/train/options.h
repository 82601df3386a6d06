#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/base/fields.h"
#include "convscope/base/file.h"

namespace convscope {

/** The preset that looks at network and data (train/auto_recipe.h), and the one that leaves every option as it is. */
inline constexpr const char *kAutoPreset = "auto", *kNoPreset = "none";

/** All that decides what a training computes. The same options, seed, threads and kind of processor give the same bytes. */
struct TrainOptions {
  std::string model;
  std::string data;
  std::string test_data = {};
  std::string preset;
  int64_t epochs = 10;
  int64_t batch = 128;
  std::string optimiser = "sgd,momentum=0.9";
  double lr = 0.1;
  std::string schedule = "constant";
  std::string decay_on = "all";
  double clip_value = 0;
  double clip_norm = 0;
  double ema = 0;
  std::string loss = "cross-entropy";
  std::string adversarial = "none";
  int64_t robust_images = 500;
  std::string robust_attack = "pgd,steps=10,random_start=true";
  std::string normalize = "none";
  std::string augment = "none";
  bool shuffle = true;
  bool drop_last = false;
  int64_t limit = 0;
  double validation = 0;
  int64_t patience = 0;
  double stop_at = 0;
  std::string meters = "exact";
  int64_t meter_batch = 0;
  std::string from;
  std::string rates;
  int64_t seed = 1;
  std::string precision = "fp32";
  std::string engine = "onednn";
  int64_t shards = 1;
  bool sync_bn = false;
  int64_t save_every = 1;

  void fields(auto&& field) {
    field("model", model, "network and its options: resnet20,shortcut=identity");
    field("data", data, "data set");
    field("test_data", test_data, "data set, of the same classes, whose test pictures judge the network; those of `data` without it");
    field("preset", preset,
          "recipe whose values stand where no option says otherwise: a published one; auto, ours by network and data, where none is said; "
          "or none");
    field("epochs", epochs, "passes over the training data");
    field("batch", batch, "images an update");
    field("optimiser", optimiser, "optimiser and its options");
    field("lr", lr, "base learning rate");
    field("schedule", schedule, "learning rate over the training, and its options");
    field(
        "decay_on", decay_on,
        "what the optimiser's weight_decay touches: all, or kernels (weights of convolutions and linear layers, no biases, no batch norm)");
    field("clip_value", clip_value, "each number of the gradient is cut to at most this size, before clip_norm; 0: not");
    field("clip_norm", clip_norm, "the gradient of all parameters together is scaled down to at most this L2 norm; 0: not");
    field("ema", ema,
          "memory of a running average of the weights, 0.999 for example; the averaged network is evaluated and saved; 0: no average");
    field("loss", loss, "objective and its options: cross-entropy,smoothing=0.1");
    field("adversarial", adversarial,
          "training that resists: pictures are moved within a ball before each update; none, or pgd, fast, free or trades and its options: "
          "fast,epsilon=8/255");
    field("robust_images", robust_images,
          "with adversarial: after each epoch so many test (or held-out) pictures and as many training ones are attacked, the same each "
          "time; "
          "the best epoch, patience and stop_at then go by that accuracy; 0: none, and nobody sees a collapse");
    field("robust_attack", robust_attack, "how: an attack and its options, within the ball that is trained for");
    field("normalize", normalize,
          "the network's first node: none, cifar10, imagenet, fashion-mnist or MEAN/STD, numbers separated by commas");
    field("augment", augment,
          "random changes of the training pictures, in the order written: pad-crop,pad=4+flip+cutout,side=8; none: as they are");
    field("shuffle", shuffle, "a new random order each epoch");
    field("drop_last", drop_last, "leave out a last batch that is not full");
    field("limit", limit,
          "use only so many training images, the first ones, of a folder of all classes in turn; test images stay all; 0: all");
    field("validation", validation,
          "share (below 1) or count of training images held out; the best epoch is then chosen on them, not on the test set");
    field("patience", patience, "end after so many epochs without a better held-out (else test) accuracy; 0: not");
    field("stop_at", stop_at, "end after the epoch with this held-out (else test) accuracy, a share such as 0.91; 0: not");
    field("meters", meters, "exact, or published: the perturbation study's flawed accuracies and losses are logged too");
    field("meter_batch", meter_batch,
          "with meters=published: test images a batch of these meters, 10 in the study's programs; 0: as many as an update has");
    field("from", from,
          "start from the weights of this run folder, checkpoint or ONNX file (either is the model too where none is said) or state dict "
          "of the same "
          "network; "
          "the last layer is made anew where it has other classes; optimiser and schedule start afresh");
    field("rates", rates,
          "learning rates of parts, as factors of lr, 0: they stay as they are; of several that fit the first counts: "
          "head=1+features.*=0+*=0.1, "
          "where * is any letters of a parameter's name and head the last layer");
    field("seed", seed, "of initial weights, order, augmentation and dropout");
    field("precision", precision, "fp32 or bf16");
    field("engine", engine, "what computes: onednn, reference, or check (both, and an error where they differ)");
    field(
        "shards", shards,
        "parts of each batch that are computed one by one and added up along a fixed tree, batch norm by each part's own statistics unless "
        "`sync_bn`: the same bytes for any count of an mpirun's ranks, which have to divide it; under mpirun 8 where nothing is said");
    field("sync_bn", sync_bn,
          "batch norm by the statistics of the whole batch, also where that has several shards: these go through the network in step, with "
          "memory for all of them, and tell each other their sums at each batch norm");
    field("save_every", save_every, "epochs between checkpoints; the last epoch is always saved");
  }

  /** Laws between them, and names that are looked up later; an error says which option is wrong. */
  void check(std::string_view whose) const;
};

/** `shards` of a training that several ranks share out, where nobody says how many: the ranks are not many more then. */
inline constexpr int64_t kUsualShards = 8;

/** A recipe by name, most of them published; studies name its rows. */
struct Preset {
  std::string name;
  std::string summary;  // with its source
  Json values;          // of TrainOptions
};
const std::vector<Preset>& presets();
const Preset& preset(std::string_view name);

/** `given` over the preset's values over the defaults. The preset auto looks at the data where `given` leaves anything to it. */
TrainOptions resolve_options(const Json& given, std::span<const Path> roots = {});

}  // namespace convscope
