#pragma once

#include "convscope/api/pictures.h"
#include "convscope/base/table.h"
#include "convscope/results/attribution_record.h"

namespace convscope {

/** What is asked about pictures. */
struct ExplainOptions {
  std::string target = "predicted";
  std::string of = "logits";
  std::string colour_scale = "own";
  std::string tolerance = {};
  std::string node = {};
  int64_t batch = 0;
  bool check = false;
  int64_t check_steps = 0;
  int64_t check_draws = 10;
  std::string boxes = {};

  void fields(auto&& field) {
    field("target", target, "predicted, true, a class by name or number, NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN");
    field("of", of, "logits, softmax or loss of a class");
    field("colour_scale", colour_scale, "own: each map has its own limits; shared: all have the same, for pictures to compare");
    field("tolerance", tolerance, "of integrated gradients: largest completeness gap as a share, 1% or 0.01; steps double until it holds");
    field("node", node,
          "of class activation maps: where they are taken, a node with positions, or several with + between them; the program takes commas "
          "too: a map at each, side by side");
    field("batch", batch, "images that go through the network at once; 0: as suits");
    field("check", check, "how good the maps are: deletion, insertion and others, each beside three maps that know nothing of the network");
    field("check_steps", check_steps, "of `check`: points of deletion and insertion; 0: one for each row, 64 at most");
    field("check_draws", check_draws, "of `check`: copies of each image with a little noise, for sensitivity-max");
    field(
        "boxes", boxes,
        "of `check`: a CSV file image,left,top,right,bottom of where the images' classes are, for the pointing game: numbers of the images "
        "(files from 0), pixels of the picture as the network takes it; an image may have several rows");
  }
};

struct Explanation {
  AttributionRecord record;  // what each map is of, and where its files lie where a folder was given
  Tensor maps;               // [N, C, H, W], or [N, 1, H, W] of methods that do not tell channels apart; of several ranks the root's
};

/**
 * Which pixels a number of the network depends on, by a member of `attributions()`: "gradient-x-input", "occlusion,window=6". A folder gets
 * in attributions/QUESTION/ the record, all maps as one .npy, each as .npy and as PNG, each picture, and a sheet.
 */
Explanation explain(const Network& network, const Choice& method, const Pictures& pictures, const ExplainOptions& options = {},
                    const Path& folder = {}, const Setting& setting = {});

/** An error where method and options do not go together; said before anything is read. */
void check_question(const Choice& method, const ExplainOptions& options);

/** The folder of a method's results. */
Path attribution_folder(const Path& folder, const AttributionRecord& record);

}  // namespace convscope
