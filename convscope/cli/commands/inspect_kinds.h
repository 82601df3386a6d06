#pragma once

#include <memory>

#include "convscope/cli/command.h"
#include "convscope/cli/pictures.h"
#include "convscope/data/dataset.h"
#include "convscope/subject/network_subject.h"

namespace convscope {

struct InspectOptions {
  std::string out;
  std::string node;
  std::string channel;
  std::string position;
  int64_t count = 0;
  int64_t limit = 2000;
  int64_t clusters = 40;
  int64_t restarts = 10;
  int64_t iterations = 300;
  bool standardise = false;
  int64_t batch = 0;

  void fields(auto&& field) {
    field("out", out, "folder for pictures, records and page; the run folder itself without it");
    field("node", node,
          "the layer, as `describe` lists them; without it the first layer with filters (weights), the activation behind the first "
          "convolution (activations) or behind the last one (neurons, clusters)");
    field("channel", channel,
          "numbers of channels or filters, 3 or 0,4-7; without it the first ones, of neurons those of largest selectivity");
    field("position", position, "neurons: ROW,COLUMN in the node; without it the largest answer of all positions counts");
    field("count", count, "filters (64), channels (32) or images of each neuron (20) that are shown; 0: as many as stands in brackets");
    field("limit", limit, "neurons, clusters: the first so many images of the split; 0: all");
    field("clusters", clusters, "clusters: how many");
    field("restarts", restarts, "clusters: starts of k-means, of which the best one counts");
    field("iterations", iterations, "clusters: most steps of each start");
    field("standardise", standardise, "clusters: each number of the representation to mean 0 and deviation 1 first");
    field("batch", batch, "images that go through the network at once; 0: as suits");
  }
};

/** What all kinds are given. */
struct Inspection {
  const Network& network;
  const InspectOptions& options;
  const PictureOptions& pictures;
  const CommonOptions& common;
  Path out;
};

/** What a kind hands back when its files are written. */
struct Inspected {
  Json json;
  std::string text;
  Path folder;
};

Inspected inspect_weights(const Inspection& look);
Inspected inspect_activations(const Inspection& look);
Inspected inspect_neurons(const Inspection& look);
Inspected inspect_clusters(const Inspection& look);

/** A kind by its name, of a run folder, with what is usual; its record. */
Json inspect_run(const std::string& kind, const Path& run, const CommonOptions& common);

NetworkSubject subject_of(const Inspection& look);

/** Images of a data set that a look goes through: `--images`, or the first `--limit`. */
struct LookedAt {
  std::shared_ptr<const Dataset> data;
  std::vector<int64_t> indices;
  std::string name;  // "cifar10, test"
};
LookedAt images_of(const Inspection& look);

/** Image n of [N, C, H, W] as people can see it: networks may take other counts of channels than 1 or 3. */
Image visible(const Tensor& x, int64_t n);
/** A sample of a data set likewise. */
Image visible(const Dataset& data, int64_t index);

/** `--count`, or what is usual. */
int64_t count_of(const InspectOptions& options, int64_t usual);

/** The record's file in its folder, which is made. */
void write_record(const Path& folder, std::string_view kind, const Json& json);

}  // namespace convscope
