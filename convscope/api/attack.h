#pragma once

#include <functional>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/base/table.h"
#include "convscope/data/dataset.h"
#include "convscope/results/attack_record.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** What is asked, in the words of people. */
struct AttackRequest {
  Choice attack = {};
  std::vector<double> epsilons = {};  // none: the pixel range alone, for attacks that want none
  std::string target = {};            // empty: away from the true class; least-likely, each, or a class by name or number
  std::string source = {};            // class of the images; empty: all
  int64_t limit = 0;                  // images; with `each` images of each class; 0: all
  bool draw = false;                  // drawn at random instead of the first ones
  double confidence = -1;             // that the class reached must have; below 0: as the attack likes
  double min_confidence = 0;          // that images must have to be started from
  bool independent = false;
  int64_t show = 8;  // images that are drawn
  double gain = 0;   // of the change in its pictures; 0: as much as fits
  bool keep = true;  // all pictures as one array, and the table of all images
  uint64_t seed = 1;
  std::string network = {}, data_name = {};
  std::string precision = "fp32";
  std::vector<std::string> classes = {};  // names; the data set's where empty
  std::function<void(int64_t done, int64_t total)> progress = {};
  std::function<bool()> stop = {};
};

/** No image is as it was asked for: right, sure enough, of the class. */
class NothingToAttack : public Error {
 public:
  using Error::Error;
};

/**
 * Attacks images of a data set and leaves in `folder`/attacks/NAME/ the record, all pictures as one array, of the first ones image, change
 * and picture as PNG and as a sheet, the robustness curve, and a heat map of pairs of classes.
 *
 * Untargeted, all chosen images count, and those that are wrong are left alone. With a target only images that are right, confident enough
 * and not of that class are chosen. `judge` says what is reached; it may be the subject itself.
 */
AttackRecord attack_into(const Path& folder, Subject& subject, Subject& judge, const Dataset& data, const AttackRequest& request);

/** The folder of an attack's results. */
Path attack_folder(const Path& folder, const AttackRecord& record);

}  // namespace convscope
