#pragma once

#include <array>

#include "convscope/results/aliasing_record.h"
#include "convscope/results/provenance.h"

namespace convscope {

/** A relation between two numbers of each image. */
struct ImageRelation {
  std::string what;
  int64_t images = 0, cases = 0;
  double correlation = kUnknown;
  std::array<double, 2> interval_95 = {kUnknown, kUnknown};

  /** Whether its interval leaves out 0. */
  bool found() const { return interval_95[0] > 0 || interval_95[1] < 0; }

  void fields(auto&& field) {
    field("what", what, "what the folded energy of an image is compared with: wrong, fooled or shifted away");
    field("images", images, "that were looked at");
    field("cases", cases, "of them, those that are so; of shifts those that ever change their class");
    field("correlation", correlation, "Spearman's, of ranks: 1 more folds where it is so, 0 no relation");
    field("interval_95", interval_95, "[low, high], by the bootstrap over images");
  }
};

/** One network of several that differ in how they drop samples. */
struct AntialiasingRow {
  std::string downsample;
  std::string network;
  double accuracy = kUnknown, crop = kUnknown, circular = kUnknown, worst = kUnknown, fgsm = kUnknown, pgd = kUnknown,
         folded_energy = kUnknown;
  std::array<double, 2> accuracy_interval_95{}, crop_interval_95{}, circular_interval_95{}, worst_interval_95{}, fgsm_interval_95{},
      pgd_interval_95{}, folded_energy_interval_95{};
  AliasingShares shares;
  int64_t macs = 0;
  double images_per_second = kUnknown;
  std::vector<ImageRelation> relations;

  void fields(auto&& field) {
    field("downsample", downsample, "what drops samples");
    field("network", network, "its name");
    field("accuracy", accuracy, "right, of these images");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's");
    field("shares", shares, "of frequencies, mean over signals, folds unscaled");
    field("folded_energy", folded_energy, "energy that folds, mean over signals and images");
    field("folded_energy_interval_95", folded_energy_interval_95, "[low, high], by the bootstrap over images");
    field("crop", crop, "two random crops get the same class");
    field("crop_interval_95", crop_interval_95, "[low, high]");
    field("circular", circular, "moved in a circle they keep their class");
    field("circular_interval_95", circular_interval_95, "[low, high]");
    field("worst", worst, "they keep it at every circular shift");
    field("worst_interval_95", worst_interval_95, "[low, high], Wilson's");
    field("fgsm", fgsm, "right under FGSM");
    field("fgsm_interval_95", fgsm_interval_95, "[low, high], Wilson's");
    field("pgd", pgd, "right under PGD");
    field("pgd_interval_95", pgd_interval_95, "[low, high], Wilson's");
    field("macs", macs, "multiply-adds of an image");
    field("images_per_second", images_per_second, "as it was evaluated here");
    field("relations", relations, "between an image's folded energy and what becomes of it");
  }
};

/** What `study antialiasing` leaves. */
struct AntialiasingRecord : Provenance {
  int64_t images = 0, shift = 0, pgd_steps = 0;
  double epsilon = 0;
  bool trained = true;
  std::vector<AntialiasingRow> rows;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("images", images, "that each network was asked about, the same for all");
    field("shift", shift, "pixels that they moved by at most");
    field("epsilon", epsilon, "of the attacks, L∞");
    field("pgd_steps", pgd_steps, "of PGD");
    field("trained", trained, "whether each network was trained as it is; false: weights of one network, changed and not trained on");
    field("rows", rows, "one for each way to drop samples");
  }
};

/** What the relations say, in sentences: also that there is none. */
std::vector<std::string> relation_findings(const AntialiasingRecord& record);

}  // namespace convscope
