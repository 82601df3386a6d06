#pragma once

#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/inspection.h"
#include "convscope/results/map_quality.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** One image explained by one method. */
struct AttributionMap {
  int64_t image = 0;
  std::string source;
  std::string target;
  int64_t index = 0;
  std::string name;
  double confidence = kUnknown;
  std::string label;
  double low = 0, high = 0;
  bool zero = false;
  double completeness_gap = kUnknown;
  double difference = kUnknown;
  int64_t steps = 0;
  double absorbed = kUnknown;
  std::string note;
  int64_t superpixels = 0;
  int64_t samples = 0;
  double r2 = kUnknown;
  double stability = kUnknown;
  std::string input;
  std::string png;
  std::string npy;

  void fields(auto&& field) {
    field("image", image, "its number in the data set, or among the files");
    field("source", source, "file of the image; empty where it is from a data set");
    field("target", target, "predicted, true, a class, NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN; all or none, of methods without a target");
    field("index", index, "the class or number that this is; without a target the class predicted");
    field("class", name, "its name");
    field("confidence", confidence, "softmax of the class; not there for a node");
    field("label", label, "the true class; empty where nobody knows");
    field("low", low, "what the first colour stands for");
    field("high", high, "what the last colour stands for");
    field("zero", zero, "whether the map is zero everywhere");
    field("completeness_gap", completeness_gap,
          "|sum of the map, and of what was absorbed, − what it should be|, of methods that promise completeness");
    field("difference", difference, "what it should be: f(image) − f(baseline)");
    field("steps", steps, "points on the path, of such methods; 0 of those that take none");
    field("absorbed", absorbed,
          "what biases and stabilisers took on the way, of such methods: the map and it make the difference but for the gap");
    field("note", note, "what is to be said of this map: no positive evidence; empty where there is nothing");
    field("superpixels", superpixels, "of methods that fit a model of superpixels: how many; 0 of others");
    field("samples", samples, "of such methods: pictures that were asked about; 0 of others");
    field("r2", r2, "of such methods: weighted share of the answers' variance that the model tells");
    field("stability", stability,
          "of such methods: rank correlation of what two seeds give, half of the samples each; below 0.9 it is not called stable");
    field("input", input, "PNG of the image");
    field("png", png, "PNG of the map");
    field("npy", npy, "the map itself, [C, H, W]");
  }
  void check(std::string_view whose) const;
};

/** What `explain` leaves in a folder. */
struct AttributionRecord : Provenance {
  std::string method;
  std::string of;
  std::string explains;
  std::string legend;
  std::string channels;
  bool sign = false;
  double gain = 0;
  std::string colour_scale;
  std::string array;
  std::vector<AttributionMap> maps;
  std::optional<MapCost> cost = {};
  std::optional<std::vector<MapQuality>> quality = {};
  std::optional<std::string> boxes_sha256 = {};

  void fields(auto&& field) {
    Provenance::fields(field);
    field("method", method, "the method with its options");
    field("of", of, "logits, softmax or loss, the node, activations, or nothing");
    field("explains", explains, "what the maps are of, in words");
    field("legend", legend, "what their colours mean, in words");
    field("channels", channels,
          "how a picture shows several channels: added, farthest (at each pixel the number farthest from 0) or colours");
    field("sign", sign, "whether numbers below zero mean something; drawn blue to red then, else in inferno");
    field("gain", gain, "of pictures in colour: the map times this, what is below 0 black; 0: heat maps");
    field("colour_scale", colour_scale, "own: each map has its own limits; shared: all have the same");
    field("array", array, "all maps as one array [N, C, H, W], in the order of `maps`");
    field("maps", maps, "one for each image");
    field("cost", cost, "with `check`: what the maps cost, the mean of an image; null without it");
    field("quality", quality, "with `check`: how good the maps are, beside controls; null without it");
    field("boxes_sha256", boxes_sha256, "of the file that `boxes` names; null without it");
  }
  void check(std::string_view whose) const { require_beside(array, whose); }
};

/** The measures that stand side by side where these are compared: each that one of them has, in the order of the first that has it. */
std::vector<const MapQuality*> measures_of(std::span<const AttributionRecord* const> checked);
/** A record's own number of such a measure; null where it has none, or one by other boxes than the measure's first record. */
const MapQuality* measured_alike(const AttributionRecord& record, const MapQuality& measure,
                                 std::span<const AttributionRecord* const> checked);

/** "the logit of the target"; of a record from before there were such words what it has. */
std::string explained_by(const AttributionRecord& record);

/** "cat 91.3 %", "loss of cat, 91.3 %", "all classes; taken for cat, 91.3 %": what a map is of, in a word. */
std::string said_of_map(const AttributionRecord& record, const AttributionMap& map);

/** "gap 0.02 of 3.1, 50 steps", "gap 2e-06 of 3.1, absorbed 0.4", a note; empty where there is nothing to say. */
std::string completeness_text(const AttributionMap& map);
/** "49 superpixels, R² 0.83, two seeds agree to 0.95" or "… to 0.71: not stable"; empty of methods that fit no model. */
std::string fit_text(const AttributionMap& map);

/** "of several channels …": what a picture makes of them; empty where there is one. */
std::string channels_text(std::string_view channels);

/** "integrated-gradients,steps=20" → "integrated-gradients-steps-20": a folder's name. */
std::string folder_name_of(std::string_view method);

}  // namespace convscope
