#pragma once

/** What a network is made of and answers to: filters, maps of channels, the images that drive a channel most, images found alike. */

#include <string>

#include "convscope/api/pictures.h"
#include "convscope/results/activations_record.h"
#include "convscope/results/clusters_record.h"
#include "convscope/results/neurons_record.h"
#include "convscope/results/weights_record.h"

namespace convscope {

struct InspectOptions {
  std::string node = {};
  std::string channel = {};
  std::string position = {};
  int64_t count = 0;
  int64_t clusters = 40;
  int64_t restarts = 10;
  int64_t iterations = 300;
  bool standardise = false;
  int64_t batch = 0;

  void fields(auto&& field) {
    field("node", node,
          "the layer, as `describe` lists them; without it the first layer with filters (weights), the activation behind the first "
          "convolution (activations) or behind the last one (neurons, clusters)");
    field("channel", channel,
          "numbers of channels or filters, 3 or 0,4-7; without it the first ones, of neurons those of largest selectivity");
    field("position", position, "neurons: ROW,COLUMN in the node; without it the largest answer of all positions counts");
    field("count", count, "filters (64), channels (32) or images of each neuron (20) that are shown; 0: as many as stands in brackets");
    field("clusters", clusters, "clusters: how many");
    field("restarts", restarts, "clusters: starts of k-means, of which the best one counts");
    field("iterations", iterations, "clusters: most steps of each start");
    field("standardise", standardise, "clusters: each number of the representation to mean 0 and deviation 1 first");
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

/** Which pictures a node finds alike, by k-means of its answers, and a map of them. */
Inspected<ClustersRecord> inspect_clusters(const Network& network, const Pictures& pictures, const InspectOptions& options = {},
                                           const Path& folder = {}, const Setting& setting = {});

}  // namespace convscope
