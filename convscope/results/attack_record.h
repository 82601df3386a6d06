#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** What an attack that takes long has found so far, in the folder of its results until it is whole. */
inline constexpr std::string_view kUnfinishedAttack = "unfinished.bin";

/** What an attack does within one ε: a point of the robustness curve. */
struct AttackPoint {
  double epsilon = 0;
  double accuracy = 0;
  std::array<double, 2> accuracy_interval_95 = {0, 1};
  double accuracy_8bit = 0;
  std::array<double, 2> accuracy_8bit_interval_95 = {0, 1};
  double top5_accuracy = 0;
  std::array<double, 2> top5_interval_95 = {kUnknown, kUnknown};
  int64_t successes = 0;
  double success_rate = kUnknown;
  std::array<double, 2> success_interval_95 = {0, 1};
  double success_rate_8bit = kUnknown;
  double flip_rate = 0;
  double linf_max = 0;
  double linf_max_8bit = 0;
  int64_t outside_8bit = 0;
  double l2_mean = 0;
  double l2_max = 0;
  double l1_mean = 0;
  double iterations_mean = 0;
  double confidence_mean = kUnknown;

  void fields(auto&& field) {
    field("epsilon", epsilon, "how far from the image its pictures may be, in units of pixels that lie in [0, 1]");
    field("accuracy", accuracy, "share of all images whose class is still right under attack");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("accuracy_8bit", accuracy_8bit, "the same for the pictures as 8-bit files hold them");
    field("accuracy_8bit_interval_95", accuracy_8bit_interval_95, "[low, high], Wilson's interval of it");
    field("top5_accuracy", top5_accuracy,
          "share of images whose class is among the five largest logits; null with 5 classes or fewer, and where an image was done as soon "
          "as "
          "it was fooled: nobody looked how far its class would have fallen");
    field("top5_interval_95", top5_interval_95, "[low, high], Wilson's interval of it");
    field("successes", successes, "images that were right and reached the goal");
    field("success_rate", success_rate, "of the images that were right, the share that reached the goal");
    field("success_interval_95", success_interval_95, "[low, high], Wilson's interval of it");
    field("success_rate_8bit", success_rate_8bit, "the same for the pictures as 8-bit files hold them");
    field("flip_rate", flip_rate,
          "share of all images whose predicted class changed; images that were wrong are left alone unless independent");
    field("linf_max", linf_max, "largest change of a pixel, or number of a picture made from black");
    field("linf_max_8bit", linf_max_8bit, "the same in the 8-bit files");
    field("outside_8bit", outside_8bit, "pictures that rounding to 8 bits takes out of the ball");
    field("l2_mean", l2_mean, "mean length of the change, over the attacked images; null where one was done as soon as it was fooled");
    field("l2_max", l2_max, "largest length of the change; null alike");
    field("l1_mean", l1_mean, "mean sum of the sizes of its numbers, over the attacked images; null alike");
    field("iterations_mean", iterations_mean, "mean count of slopes behind a picture");
    field("confidence_mean", confidence_mean, "mean softmax of the classes that were reached");
  }
};

/** Attacks on images of one class by where they went, within the last ε. */
struct AttackPair {
  std::string from, to;
  int64_t attempts = 0;
  int64_t successes = 0;
  double rate = kUnknown;
  double iterations = kUnknown;
  double linf = kUnknown;
  double l2 = kUnknown;

  void fields(auto&& field) {
    field("from", from, "the images' true class");
    field("to", to, "the class aimed at, or the one reached where none is aimed at");
    field("attempts", attempts, "images of the class that were attacked, towards that class where one is aimed at");
    field("successes", successes, "of them, those that reached it");
    field("rate", rate, "successes / attempts");
    field("iterations", iterations, "mean over the successes");
    field("linf", linf, "mean over the successes of the largest change of a pixel");
    field("l2", l2, "mean over the successes of the length of the change");
  }
};

/** One class's share in the numbers. */
struct AttackClass {
  std::string name;
  int64_t total = 0;
  int64_t correct = 0;
  double clean_accuracy = kUnknown;
  std::vector<double> accuracy;
  std::vector<std::array<double, 2>> accuracy_interval_95;
  std::vector<double> success_rate;

  void fields(auto&& field) {
    field("class", name, "its name");
    field("total", total, "images of it");
    field("correct", correct, "of them, those that were right before");
    field("clean_accuracy", clean_accuracy, "correct / total");
    field("accuracy", accuracy, "under attack, of all images of the class, one for each point of the curve");
    field("accuracy_interval_95", accuracy_interval_95, "[low, high], Wilson's interval of each");
    field("success_rate", success_rate, "of those that were right, one for each point of the curve; 0 where there are none");
  }
};

/** One image, within the last ε. */
struct AttackImage {
  int64_t index = 0;
  int64_t row = 0;
  bool attacked = true;
  std::string from = {};
  std::string taken_for = {};
  double from_confidence = 0;
  std::string target = {};
  std::string to = {};
  double confidence = 0;
  bool success = false;
  double epsilon = 0;
  int64_t iterations = 0;
  double linf = 0;
  double l2 = 0;
  double l1 = 0;
  std::string outcome = {};
  std::string to_8bit = {};
  double confidence_8bit = 0;
  bool success_8bit = false;
  double linf_8bit = 0;
  std::string clean = {};
  std::string noise = {};
  std::string result = {};

  void fields(auto&& field) {
    field("index", index, "its number in the data set");
    field("row", row, "its row in the array of pictures");
    field("attacked", attacked, "false: it was wrong before, and was left alone: in the table only");
    field("from", from, "its true class");
    field("taken_for", taken_for, "what the network takes the image for");
    field("from_confidence", from_confidence, "softmax of that class");
    field("target", target, "the class aimed at; empty where none is");
    field("to", to, "what the network takes the picture for");
    field("confidence", confidence, "softmax of that class");
    field("success", success, "whether the image was right before and the goal is reached");
    field("epsilon", epsilon, "within which the picture was made: the smallest that succeeded, or the last that was tried");
    field("iterations", iterations, "slopes behind the picture");
    field("linf", linf, "largest change of a pixel, or number of a picture made from black");
    field("l2", l2, "length of the change, or of such a picture");
    field("l1", l1, "sum of the sizes of its numbers");
    field("outcome", outcome, "reached, missed, or wrong before: an image that the network took for something else without an attack");
    field("to_8bit", to_8bit, "what the network takes the 8-bit file for");
    field("confidence_8bit", confidence_8bit, "softmax of that class");
    field("success_8bit", success_8bit, "whether the image was right before and the 8-bit file reaches the goal");
    field("linf_8bit", linf_8bit, "largest change of a pixel in the 8-bit file");
    field("clean", clean, "PNG of the image; empty where it is not among those shown");
    field("noise", noise, "PNG of the change, or of a picture made from black: 0.5 + gain · change");
    field("result", result, "PNG of the picture");
  }
  void check(std::string_view whose) const;
};

/** One attack of several, on the images that those before left right. */
struct AttackPartRecord {
  std::string attack;
  double accuracy = 0;
  std::vector<double> accuracies;
  std::vector<double> alone;
  std::string left_out;
  int64_t slopes = 0;
  int64_t looks = 0;
  double seconds = 0;

  void fields(auto&& field) {
    field("attack", attack, "with its options");
    field("accuracy", accuracy, "share of all images that are still right after it, within the largest epsilon");
    field("accuracies", accuracies, "the same for each point of the curve");
    field("alone", alone, "share that it leaves right by itself, for each point; empty where it was asked of those alone that were left");
    field("left_out", left_out, "why it was not asked; empty where it was");
    field("slopes", slopes, "slopes that it took");
    field("looks", looks, "answers without a slope");
    field("seconds", seconds, "what it took");
  }
};

/** Why a figure of robustness can be believed, or cannot. */
struct TrustReason {
  std::string check;
  double value = 0;
  double limit = 0;
  bool passed = true;
  std::string finding;
  std::string text;

  void fields(auto&& field) {
    field("check", check, "what was looked at");
    field("value", value,
          "what was found: a share of the images; of `same answer twice` how far logits lie apart, of `logits` 1 for probabilities, of "
          "`stable` how much margins change");
    field("limit", limit, "what it may be");
    field("passed", passed, "whether it is no more");
    field("finding", finding, "ok, doubtful or broken");
    field("text", text, "what was compared, in words");
  }
};

/** How far the nearest pictures that an attack found. */
struct NearestAdversaries {
  int64_t images = 0;
  int64_t found = 0;
  double median = kUnknown;
  double mean = kUnknown;

  void fields(auto&& field) {
    field("images", images, "that were right and attacked");
    field("found", found, "of them, those for which it found one");
    field("median", median, "of their distances, by the attack's norm; images without count as infinitely far");
    field("mean", mean, "of the distances of those found");
  }
};

/** What `attack` leaves in a folder. */
struct AttackRecord : Provenance {
  std::string attack;
  std::string goal;
  std::string source;
  std::string norm;
  bool bounded = true;
  double confidence = 0;
  double min_confidence = 0;
  bool independent = false;
  bool drawn = false;
  std::string precision;
  int64_t total = 0;
  int64_t examined = 0;
  int64_t attacked = 0;
  double clean_accuracy = 0;
  std::array<double, 2> clean_accuracy_interval_95 = {0, 1};
  double clean_top5_accuracy = kUnknown;
  double gain = 1;
  bool from_black = false;
  std::string pictures;
  std::string indices;
  std::string csv;
  int64_t slopes = 0;
  int64_t looks = 0;
  int64_t flat = 0;
  double seconds = 0;
  double robust_accuracy = kUnknown;
  std::array<double, 2> interval_95 = {0, 1};
  std::optional<std::vector<AttackPartRecord>> parts = {};
  std::optional<std::string> trust = {};
  std::optional<double> trust_epsilon = {};
  std::optional<int64_t> trust_images = {};
  std::optional<std::vector<TrustReason>> reasons = {};
  std::optional<NearestAdversaries> nearest = {};
  std::vector<AttackPoint> curve;
  std::vector<AttackClass> classes;
  std::vector<AttackPair> pairs;
  std::vector<AttackImage> images;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("attack", attack, "the attack with its options");
    field("goal", goal, "untargeted, least-likely, each (every other class), or the class aimed at");
    field("source", source, "the class of the images; empty: all");
    field("norm", norm, "linf, l2 or l1: how epsilon is measured; share: of what the attack may do");
    field("bounded", bounded, "whether an epsilon was asked for; without one the pixel range alone bounds the pictures");
    field("confidence", confidence, "softmax that the class reached must have to count");
    field("min_confidence", min_confidence, "confidence that images must have to be started from");
    field("independent", independent,
          "whether every image went all steps at every epsilon, as published, and what it ended with was judged");
    field("drawn", drawn, "whether the images were drawn at random");
    field("precision", precision, "of the steps; what is reached is judged in fp32");
    field("total", total, "attempts that the shares are of: images, or images times targets");
    field("examined", examined, "images that were looked at to find them");
    field("attacked", attacked, "attempts on images that were attacked");
    field("clean_accuracy", clean_accuracy, "share of the examined images that are right without an attack");
    field("clean_accuracy_interval_95", clean_accuracy_interval_95, "[low, high], Wilson's interval of it");
    field("clean_top5_accuracy", clean_top5_accuracy, "the same for the five largest logits; only with more than 5 classes");
    field("gain", gain, "by which the change is multiplied in its pictures");
    field("from_black", from_black,
          "whether pictures are made from black, without the image: what is shown as the change is the picture itself");
    field("pictures", pictures, "array [N, C, H, W] of the pictures within the last epsilon");
    field("indices", indices, "array [N] of their numbers in the data set");
    field("csv", csv, "all images as a table, those that were left alone too");
    field("slopes", slopes, "slopes that were computed, one an image and step");
    field("looks", looks, "answers that were computed without a slope");
    field("flat", flat,
          "images whose slope was 0 in every pixel where one was asked for: no attack by slopes moves them, and that they stay right is no "
          "sign "
          "of robustness");
    field("seconds", seconds, "what it took");
    field("robust_accuracy", robust_accuracy, "share of all images whose class is still right within the largest epsilon");
    field("interval_95", interval_95, "[low, high], Wilson's interval of it");
    field("trust", trust, "ok, doubtful or broken: whether that figure can be believed; null where nobody asked");
    field("trust_epsilon", trust_epsilon, "within which it was looked at: the largest that left some of the images right");
    field("trust_images", trust_images, "on how many images that were right");
    field("reasons", reasons, "why; null where nobody asked");
    field("parts", parts, "of an attack that is made of several: each of them, in their order; null for others");
    field("nearest", nearest, "of an attack that looks for the nearest picture; null for others");
    field("curve", curve, "one for each epsilon");
    field("classes", classes, "one for each class of the images");
    field("pairs", pairs, "one for each pair of classes that was attacked or reached");
    field("images", images,
          "one for each attack on an image, at most 10 000 of them; the table has all, and the images that were left alone");
  }
  void check(std::string_view whose) const;
};

/** What became of an image, also of a record that does not tell `outcome`. */
std::string_view outcome_of(const AttackImage& image);

/** A line for each pair of classes. */
std::string attack_pairs_csv(const AttackRecord& record);
/** A line for each class and point of the curve. */
std::string attack_classes_csv(const AttackRecord& record);

/** A heading of the keys, then a line an image. */
std::string attack_images_csv(const std::vector<AttackImage>& images);

}  // namespace convscope
