#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "convscope/results/provenance.h"

namespace convscope {

/** One corruption at one severity. */
struct CorruptionPoint {
  std::string name;
  int64_t severity = 0;
  double accuracy = 0;
  std::array<double, 2> accuracy_interval_95 = {0, 1};
  int64_t correct = 0;
  int64_t total = 0;
  std::string kind;

  void fields(auto&& field) {
    field("name", name, "of the corruption, as published");
    field("severity", severity, "1 to 5");
    field("accuracy", accuracy, "correct / total");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's interval of the accuracy");
    field("correct", correct, "images that are right");
    field("total", total, "images");
    field("kind", kind, "noise, blur, weather, digital, or extra: these are not counted by benchmarks");
  }
};

/** Mean over several of these; every image weighs the same. */
struct CorruptionMean {
  std::string name;
  double accuracy = 0;
  std::array<double, 2> interval_95 = {0, 1};

  void fields(auto&& field) {
    field("name", name, "a corruption, a kind, or `severity N`");
    field("accuracy", accuracy, "mean over its corruptions and severities");
    field("interval_95", interval_95,
          "[low, high] for other images like these: Student's t of each one's share of right answers, within 0 to 1");
  }
};

/** What a network does on corrupted pictures, beside what it does on them as they are. */
struct CorruptionsRecord : Provenance {
  std::string source;
  int64_t images = 0;
  double clean_accuracy = 0;
  std::array<double, 2> clean_interval_95 = {0, 1};
  std::vector<CorruptionPoint> corruptions;
  double mean_accuracy = 0;
  std::array<double, 2> mean_interval_95 = {0, 1};
  std::string mean_over;
  std::vector<CorruptionMean> means, kinds, severities;
  double seconds = 0;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("source", source,
          "where the corrupted pictures are from: made here by the published definition, or a folder of published arrays");
    field("images", images, "images, each corrupted in every way");
    field("clean_accuracy", clean_accuracy, "of the same images as they are");
    field("clean_interval_95", clean_interval_95, "[low, high], Wilson's interval of it");
    field("corruptions", corruptions, "each corruption at each severity");
    field("mean_accuracy", mean_accuracy, "mean over what `mean_over` says");
    field("mean_interval_95", mean_interval_95, "[low, high] of it, by images");
    field("mean_over", mean_over, "corruptions and severities: of the 15 that benchmarks count, where any of them are there");
    field("means", means, "of each corruption over its severities");
    field("kinds", kinds, "of each kind: noise, blur, weather, digital, extra");
    field("severities", severities, "of each severity, over the corruptions of `mean_over`");
    field("seconds", seconds, "it took");
  }
};

/** A line for each corruption and severity. */
std::string corruptions_csv(const CorruptionsRecord& record);

}  // namespace convscope
