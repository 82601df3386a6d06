#pragma once

#include <optional>
#include <vector>

#include "convscope/api/pictures.h"
#include "convscope/base/table.h"
#include "convscope/results/attack_record.h"

namespace convscope {

/** What is asked of an attack on pictures. */
struct AttackOptions {
  std::vector<double> epsilon = {};
  std::string target = {};
  std::string source = {};
  int64_t limit = 0;
  bool draw = false;
  std::optional<double> confidence = {};
  double min_confidence = 0;
  bool independent = false;
  int64_t show = 8;
  double gain = 0;
  std::string captions = "decimals";
  int64_t batch = 0;
  bool verdict = false;
  std::string twin = {};
  bool arrays = true;

  void fields(auto&& field) {
    field("epsilon", epsilon,
          "how far pictures may be from their images, with commas between: 1/255,2/255; pixels lie in [0, 1]; none: the pixel range alone, "
          "for attacks that want none");
    field("target", target, "where to: a class by name or number, least-likely, or each (every other class); away from the own without it");
    field("source", source, "only images of this class, by name or number");
    field("limit", limit,
          "count of images: with a `target` of right ones, with `target` each of each class, else wrong ones count too; 0: all");
    field("draw", draw, "draws the images at random by `seed` instead of taking the first ones");
    field("confidence", confidence, "softmax that the class reached must have to count, as 0.95 or 95%; without it as the attack likes");
    field("min_confidence", min_confidence, "starts only from images that are right with so high a softmax");
    field("independent", independent,
          "as published: every image, also those that are wrong, goes all steps at every epsilon, and what it ends with is judged");
    field("show", show, "count of images that are drawn");
    field("gain", gain, "by which the change is multiplied in its pictures; 0: as much as fits");
    field("captions", captions, "decimals: cat 0.91234; percent, as the attribution study has it: 91% cat, cat (its true class)");
    field("batch", batch, "images that go through the network at once; 0: as suits");
    field("verdict", verdict,
          "also tells whether the figure can be believed: other attacks, noise, the whole pixel range and the slopes themselves are looked "
          "at on "
          "the first 100 images that were right");
    field(
        "twin", twin,
        "for `verdict`: another network of the same classes, undefended, whose adversaries should fool this one no more than its own do: a "
        "file or run folder, with what it does not say about itself: resnet20.th,model=resnet20,normalize=imagenet");
    field("arrays", arrays, "all pictures as one array of floats, and the table of all images; the folder is then a data set, for `data`");
  }
};

/** No image is as it was asked for: right, sure enough, of the class. */
class NothingToAttack : public Error {
 public:
  using Error::Error;
};

struct Attacked {
  AttackRecord record;
  Pictures images;  // [N] that were attacked
  Tensor pictures;  // [N, C, H, W] what was made of them within the largest ε
};

/**
 * Attacks images of known classes by a member of `attacks()`, within each ε: how many are still right. A folder gets in attacks/QUESTION/
 * the record, all pictures as one array that can be opened as a data set (data/sources/array.h), of the first ones image, change and
 * picture as PNG and as a sheet, the robustness curve, and a heat map of pairs of classes.
 *
 * Untargeted, all chosen images count, and those that are wrong are left alone. With a target only images that are right, confident enough
 * and not of that class are chosen. What is reached is judged in float32, whatever precision slopes are computed in. Several ranks share
 * out the images and find the same; the root writes.
 */
Attacked attack(const Network& network, const Choice& method, const Pictures& pictures, const AttackOptions& options = {},
                const Path& folder = {}, const Setting& setting = {});

/** An error where attack and options do not go together; said before anything is read. */
void check_attack(const Choice& method, const AttackOptions& options);

/** The folder of an attack's results. */
Path attack_folder(const Path& folder, const AttackRecord& record);

}  // namespace convscope
