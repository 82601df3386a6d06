#pragma once

/** What a network is made of and answers to: filters, maps of channels, images that drive a channel most, pictures made to, images found
 * alike. */

#include <string>

#include "convscope/api/pictures.h"
#include "convscope/results/activations_record.h"
#include "convscope/results/clusters_record.h"
#include "convscope/results/features_record.h"
#include "convscope/results/neurons_record.h"
#include "convscope/results/weights_record.h"

namespace convscope {

/** How pictures are made that drive a channel. */
struct FeatureOptions {
  int64_t steps = 256;
  double rate = 0;
  std::string objective = {};
  int64_t draws = 2;
  std::string parametrisation = "fourier";
  double decay = 1;
  bool one_position = false;
  bool own_colours = false;
  bool no_transforms = false;
  bool minimise = false;

  void fields(auto&& field) {
  int64_t redirected = 16;
  int64_t crops = 8;
  double power = 2;
  double diversity = 0;
    field("steps", steps, "features: steps of the climb");
    field("rate", rate, "features: size of a step, Adam's; 0: 0.05, of maco 1");
    field(
        "objective", objective,
        "features: what is driven instead of a node's channels, as \"relu6:12 + 0.5*relu6:40 - relu3\": sums with ; between them, of terms "
        "with + or - between spaces; a term is NODE:CHANNEL, NODE:CHANNEL:ROW:COLUMN, NODE (deep dream, the mean of its squares), "
        "NODE@FILE.npy (a direction [C]) or tv (total variation of the picture), with a factor and * in front");
    field("draws", draws, "features: pictures of each channel, from as many beginnings");
    field("parametrisation", parametrisation,
          "features: fourier, pixels, or maco: the phases of a spectrum whose magnitudes are those of the data's images");
    field("decay", decay, "features: of fourier, by which power of its frequency a number counts less");
    field("one_position", one_position, "features: the channel at the middle of the node alone, or at `position`; else the mean of all");
    field("own_colours", own_colours, "features: each colour for itself, instead of as they go together in photographs");
    field("no_transforms", no_transforms, "features: the picture itself, instead of under small random shifts, turns and sizes");
    field("minimise", minimise, "features: pictures that drive the number down");
  }
};

struct InspectOptions {
  std::string node = {};
  std::string channel = {};
  std::string position = {};
  int64_t count = 0;
  int64_t clusters = 40;
  int64_t restarts = 10;
  int64_t iterations = 300;
  bool standardise = false;
  FeatureOptions features = {};
  int64_t batch = 0;

  void fields(auto&& field) {
    field("node", node,
          "the layer, as `describe` lists them; without it the first layer with filters (weights), the activation behind the first "
          "convolution (activations) or behind the last one (neurons, clusters, features)");
    field("channel", channel,
          "numbers of channels or filters, 3 or 0,4-7; without it the first ones, of neurons those of largest selectivity");
    field("position", position,
          "neurons, features: ROW,COLUMN in the node; without it the largest answer of all positions, or their mean, counts");
    field("count", count,
          "filters (64), channels (32), images of each neuron (20) or feature (9) that are shown; 0: as many as stands in brackets");
    field("clusters", clusters, "clusters: how many");
    field("restarts", restarts, "clusters: starts of k-means, of which the best one counts");
    field("iterations", iterations, "clusters: most steps of each start");
    field("standardise", standardise, "clusters: each number of the representation to mean 0 and deviation 1 first");
    features.fields(field);
    field("batch", batch, "images that go through the network at once; 0: as suits");
  }
};

/** As many images neurons and clusters are made of where nobody says how many. */
inline constexpr int64_t kUsualInspected = 2000;

/** A record, and where its files lie: in `folder`/inspect/KIND-…; nowhere where no folder was given. */
template <typename Record>
struct Inspected {
  Record record;
  Path folder;
};

/** Filters as pictures, the first layer's in colour. */
Inspected<WeightsRecord> inspect_weights(const Network& network, const InspectOptions& options = {}, const Path& folder = {},
                                         const Setting& setting = {});

/** Each picture's map of every channel of a node. */
Inspected<ActivationsRecord> inspect_activations(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                                 const Path& folder = {}, const Setting& setting = {});

  double perplexity = 30;
  std::string near = {};
/** The pictures that drive a channel most, in one pass over any count of them. */
Inspected<NeuronsRecord> inspect_neurons(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                         const Path& folder = {}, const Setting& setting = {});

/** Pictures that drive a channel as far as it goes, beside those of the data that drive it most. */
Inspected<FeaturesRecord> inspect_features(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                           const Path& folder = {}, const Setting& setting = {});

/** Which pictures a node finds alike, by k-means of its answers, and a map of them. */
Inspected<ClustersRecord> inspect_clusters(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                           const Path& folder = {}, const Setting& setting = {});

}  // namespace convscope
    field("perplexity", perplexity, "clusters: of the t-SNE map, about how many neighbours an image has; 0: no such map");
    field("near", near, "clusters: numbers of images, as 17,4, of which those that the layer finds most alike are wanted");
