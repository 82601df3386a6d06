#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/results/prediction.h"
#include "convscope/results/provenance.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** What a network says about one sample of a data set. */
struct SheetEntry {
  int64_t index = 0;
  int64_t label = 0;
  int64_t predicted = 0;
  double confidence = 0;
  std::vector<RankedClass> top;
  std::string picture;

  bool right() const { return label == predicted; }

  void fields(auto&& field) {
    field("index", index, "its place in the data set, from 0");
    field("label", label, "its class, an index into the classes");
    field("predicted", predicted, "the class of the highest logit");
    field("confidence", confidence, "softmax of that logit, 0 … 1");
    field("picture", picture, "name of its PNG beside this file; empty where there is none");
    field("top", top, "the likeliest classes, likeliest first, up to five");
  }
  void check(std::string_view whose) const;
};

/** A sample of a network's predictions: images drawn at random from a data set, and the mistakes that it was most sure of. */
struct PredictionSheet : Provenance {
  int64_t total = 0;
  std::vector<std::string> classes;  // [Y]
  std::vector<SheetEntry> first, mistakes;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("total", total, "samples in it");
    field("classes", classes, "names of the classes");
    field("first", first, "images drawn at random by `seed`, in the data set's order; all where they are few");
    field("mistakes", mistakes, "the mistakes that the network was most sure of, surest first");
  }
  /** Each entry's classes are among those of the sheet. */
  void check(std::string_view whose) const;
};

/** Looks at all predictions of an evaluation, in the order of the data set, and keeps those of the sheet. */
class SheetPicker {
 public:
  /** `shown`: places of the images that are on the sheet whatever they are taken for. */
  SheetPicker(std::vector<std::string> classes, std::set<int64_t> shown, size_t mistakes);
  /** `logits` [Y]. */
  void see(int64_t index, int64_t label, std::span<const float> logits);
  PredictionSheet sheet() const { return sheet_; }

 private:
  PredictionSheet sheet_;
  std::set<int64_t> shown_;
  size_t mistakes_;
};

}  // namespace convscope
