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
    field("interval_95", interval_95, "[low, high], by the bootstrap over images; not there where fewer than ten are so, or are not");
  }
};

/** Between each image's folded energy and whether, or how much, something holds of it. */
ImageRelation relation_of(std::string what, const std::vector<double>& energy, const std::vector<double>& outcome);

/** What a network gets wrong of one corruption. */
struct CorruptionError {
  std::string name;
  double error = kUnknown;

  void fields(auto&& field) {
    field("name", name, "of the corruption");
    field("error", error, "share of wrong answers, mean over its severities");
  }
};

/** One network of several that differ in how they drop samples, and in the seeds of their trainings. */
struct AntialiasingRow {
  /** Columns of the array of `per_image`; those of records of before end at `kFate`. */
  enum Column : size_t { kNumber, kEnergy, kStays, kRightCorrupted, kFate, kCropsAgree, kRightUnderFgsm, kRightUnderAutoattack };
  static constexpr int64_t kColumns = kRightUnderAutoattack + 1, kColumnsBefore = kFate + 1;
  static constexpr float kRight = 0, kFooled = 1, kWrong = 2;  // what becomes of an image under PGD

  std::string downsample;
  std::string network;
  int64_t seed = 1;
  double accuracy = kUnknown, crop = kUnknown, circular = kUnknown, worst = kUnknown, fgsm = kUnknown, pgd = kUnknown,
         autoattack = kUnknown, corrupted = kUnknown, folded_energy = kUnknown;
  std::array<double, 2> accuracy_interval_95{}, crop_interval_95{}, circular_interval_95{}, worst_interval_95{}, fgsm_interval_95{},
      pgd_interval_95{}, autoattack_interval_95{}, corrupted_interval_95{}, folded_energy_interval_95{};
  std::vector<CorruptionError> corruption_errors;
  std::string per_image, per_image_corrupted;
  AliasingShares shares;
  int64_t macs = 0;
  double images_per_second = kUnknown;
  std::vector<ImageRelation> relations;

  void fields(auto&& field) {
    field("downsample", downsample, "what drops samples");
    field("network", network, "its name");
    field("seed", seed, "of its training, or of the questions where it was brought");
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
    field("autoattack", autoattack, "right under AutoAttack, of `autoattack_images`");
    field("autoattack_interval_95", autoattack_interval_95, "[low, high], Wilson's");
    field("corrupted", corrupted, "right, of `corrupted_images` under the 15 corruptions that benchmarks count, five severities each");
    field("corrupted_interval_95", corrupted_interval_95, "[low, high], by images");
    field("corruption_errors", corruption_errors, "of each of these corruptions; empty: pictures of this size cannot be corrupted");
    field("per_image", per_image,
          "array beside the record, [images, 8]: number, energy that folds, share of circular shifts at which it keeps its class, share "
          "of corruptions under which it is right, 0 right under PGD, 1 fooled by it, 2 wrong without, share of pairs of crops that get "
          "the same class, and whether it is right under FGSM and under AutoAttack (NaN: not asked)");
    field("per_image_corrupted", per_image_corrupted,
          "array beside the record, [corrupted_images, corruption_errors]: share of its severities at which an image is wrong");
    field("macs", macs, "multiply-adds of an image");
    field("images_per_second", images_per_second, "as it was evaluated here");
    field("relations", relations, "between an image's folded energy and what becomes of it");
  }
};

/** What `study antialiasing` leaves. */
struct AntialiasingRecord : Provenance {
  int64_t images = 0, autoattack_images = 0, corrupted_images = 0, shift = 0, pgd_steps = 0;
  double epsilon = 0;
  bool trained = true;
  std::vector<AntialiasingRow> rows;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("images", images, "that each network was asked about, the same for all");
    field("autoattack_images", autoattack_images, "of them, the first ones, for AutoAttack");
    field("corrupted_images", corrupted_images, "of them, the first ones, for corruptions");
    field("shift", shift, "pixels that they moved by at most");
    field("epsilon", epsilon, "of the attacks, L∞");
    field("pgd_steps", pgd_steps, "of PGD");
    field("trained", trained, "whether each network was trained as it is; false: weights of one network, changed and not trained on");
    field("rows", rows, "one for each way to drop samples and each seed");
  }
  void check(std::string_view whose) const;

  /** The rows of one way to drop samples, seed by seed. */
  std::vector<const AntialiasingRow*> of(std::string_view downsample) const;
  /** Each way to drop samples once, in the order of the rows. */
  std::vector<std::string> ways() const;
};

/** A number of a way to drop samples: the mean over its trainings. */
struct AntialiasingNumber {
  double value = kUnknown;
  std::array<double, 2> interval_95 = {kUnknown, kUnknown};  // of several trainings Student's t over them; of one as its row has it
  int64_t trainings = 0;
};
using RowInterval = std::array<double, 2> AntialiasingRow::*;
/** `interval` may be null: then one training has none. */
AntialiasingNumber number_of(const AntialiasingRecord& record, std::string_view downsample, double AntialiasingRow::*number,
                             RowInterval interval);

/** The correlations of one relation: their mean over trainings. */
AntialiasingNumber correlation_of(const AntialiasingRecord& record, std::string_view downsample, std::string_view what);

/** What the relations say, in sentences: also that there is none. */
std::vector<std::string> relation_findings(const AntialiasingRecord& record);

}  // namespace convscope
