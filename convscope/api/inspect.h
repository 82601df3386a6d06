#pragma once

/** What a network is made of and answers to: filters, maps of channels, images that drive a channel most, pictures made to, images found
 * alike, concepts that matter to it. */

#include <string>

#include "convscope/api/pictures.h"
#include "convscope/results/activations_record.h"
#include "convscope/results/clusters_record.h"
#include "convscope/results/concepts_record.h"
#include "convscope/results/craft_record.h"
#include "convscope/results/features_record.h"
#include "convscope/results/neurons_record.h"
#include "convscope/results/weights_record.h"

namespace convscope {

/** How pictures are made that drive a channel. */
struct FeatureOptions {
  std::string objective = {};
  int64_t steps = 256;
  double rate = 0;
  int64_t draws = 2;
  std::string parametrisation = "fourier";
  double decay = 1;
  bool one_position = false;
  bool own_colours = false;
  bool no_transforms = false;
  bool minimise = false;
  int64_t redirected = 16;
  int64_t crops = 8;
  double power = 2;
  double diversity = 0;

  void fields(auto&& field) {
    field(
        "objective", objective,
        "features: what is driven instead of a node's channels, as \"relu6:12 + 0.5*relu6:40 - relu3\": sums with ; between them, of terms "
        "with + or - between spaces; a term is NODE:CHANNEL, NODE:CHANNEL:ROW:COLUMN, NODE (deep dream, the mean of its squares), "
        "NODE@FILE.npy (a direction [C]) or tv (total variation of the picture), with a factor and * in front");
    field("steps", steps, "features: steps of the climb");
    field("rate", rate, "features: size of a step, Adam's; 0: 0.05, of maco 1");
    field("draws", draws, "features: pictures of each channel, from as many beginnings");
    field("parametrisation", parametrisation,
          "features: fourier, pixels, or maco: the phases of a spectrum whose magnitudes are those of the data's images");
    field("decay", decay, "features: of fourier, by which power of its frequency a number counts less");
    field("one_position", one_position, "features: the channel at the middle of the node alone, or at `position`; else the mean of all");
    field("own_colours", own_colours, "features: each colour for itself, instead of as they go together in photographs");
    field("no_transforms", no_transforms, "features: the picture itself, instead of under small random shifts, turns and sizes");
    field("minimise", minimise, "features: pictures that drive the number down");
    field("redirected", redirected, "features: for so many first steps rectifiers that let nothing of a picture through are opened");
    field("crops", crops, "features: of maco, random crops through which a picture is seen at each step");
    field("power", power, "features: of a direction, the power of the cosine that it is multiplied by");
    field("diversity", diversity, "features: weight of what keeps the pictures of a feature apart, by what their channels do together");
  }
};

/** Concepts that somebody brings, or that are found. */
struct ConceptOptions {
  std::string concepts = {};
  std::string target = {};
  int64_t sets = 10;
  int64_t rank = 20;
  int64_t crop = 0;

  void fields(auto&& field) {
    field(
        "concepts", concepts,
        "concepts: folders of pictures, each a concept, as photos/stripes,dots=photos/7; without it concepts are found in the images of a "
        "class (CRAFT)");
    field(
        "target", target,
        "concepts: classes whose logits they are held against, with commas between; without it the ten that have most images. Found ones: "
        "the class; without it the one that most images are taken for");
    field("sets", sets, "concepts: random sets of images that each concept is held against");
    field("rank", rank, "concepts: how many are found");
    field("crop", crop, "concepts: side in pixels of the crops that they are found in; 0: 64 of 224");
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
  double perplexity = 30;
  std::string near = {};
  FeatureOptions features = {};
  ConceptOptions concepts = {};
  int64_t batch = 0;

  void fields(auto&& field) {
    field("node", node,
          "the layer, as `describe` lists them; without it the first layer with filters (weights), the activation behind the first "
          "convolution (activations) or behind the last one (neurons, clusters, features, concepts)");
    field("channel", channel,
          "numbers of channels or filters, 3 or 0,4-7; without it the first ones, of neurons those of largest selectivity");
    field("position", position,
          "neurons, features: ROW,COLUMN in the node; without it the largest answer of all positions, or their mean, counts");
    field(
        "count", count,
        "filters (64), channels (32), images of each neuron (20) or feature (9) that are shown, of each class (50) that concepts are held "
        "against; 0: as many as stands in brackets");
    field("clusters", clusters, "clusters: how many");
    field("restarts", restarts, "clusters: starts of k-means, of which the best one counts");
    field("iterations", iterations, "clusters: most steps of each start");
    field("standardise", standardise, "clusters: each number of the representation to mean 0 and deviation 1 first");
    field("perplexity", perplexity, "clusters: of the t-SNE map, about how many neighbours an image has; 0: no such map");
    field("near", near, "clusters: numbers of images, as 17,4, of which those that the layer finds most alike are wanted");
    features.fields(field);
    concepts.fields(field);
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

/** The pictures that drive a channel most, in one pass over any count of them. */
Inspected<NeuronsRecord> inspect_neurons(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                         const Path& folder = {}, const Setting& setting = {});

/** Pictures that drive a channel as far as it goes, beside those of the data that drive it most. */
Inspected<FeaturesRecord> inspect_features(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                           const Path& folder = {}, const Setting& setting = {});

/** Which pictures a node finds alike, by k-means of its answers, and a map of them. */
Inspected<ClustersRecord> inspect_clusters(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                           const Path& folder = {}, const Setting& setting = {});

/**
 * Whether concepts matter to classes, with significance: each folder of `concepts` against random sets of the pictures, whose classes are
 * the network's.
 */
Inspected<ConceptsRecord> inspect_concepts(const Network& network, const Pictures& pictures, const InspectOptions& options,
                                           const Path& folder = {}, const Setting& setting = {});

/** Concepts that the network sees in pictures that it takes for a class, how much they matter and where they are. */
Inspected<CraftRecord> inspect_craft(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                     const Path& folder = {}, const Setting& setting = {});

}  // namespace convscope
