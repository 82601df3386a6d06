#pragma once

/**
 * The family of attacks: pictures near an image that a network takes for something else.
 * Goals: what an attack must hold (the ball, the pixel range, what counts as success) is held for all of them in one place; sweeps over
 * many radii cost little more than one; the same pictures whatever the order of the images.
 * Not a goal: choosing images; who calls it brings them.
 */

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "convscope/attack/walk.h"
#include "convscope/base/table.h"
#include "convscope/ranks/ranks.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** Images and what is known of them. */
struct AttackedImages {
  const Tensor& x;                   // [N, C, H, W], pixels in [0, 1]
  std::span<const int64_t> labels;   // [N] true classes
  std::span<const int64_t> numbers;  // [N] by which they draw; empty: 0 … N−1
  const Tensor* logits = nullptr;    // [N, Y] the judge's answers to x, where somebody has asked already
};

class AttackLog;

/** Of options that several members have. */
inline constexpr std::string_view kNormHelp = "linf, l2 or l1: what epsilon measures";
inline constexpr std::string_view kAsReferenceHelp = "also where the published program departs from its paper";
inline constexpr std::string_view kEotHelp =
    "slopes whose mean is each step's, of a network that draws random numbers when it answers; Athalye et al. 2018";

/** Where to: away from the true class, to the class of `targets`, or to the class that is least likely for the clean image. */
struct Goal {
  enum class Kind { untargeted, targeted, least_likely } kind = Kind::untargeted;
  std::vector<int64_t> targets = {};  // [N], of targeted
};

struct AttackSettings {
  std::optional<double> confidence = {};  // softmax of the class reached must be so high to count; as the attack likes
  bool independent = false;  // the published way: every image, wrong ones too, all steps at each ε, what they end with is judged
  uint64_t seed = 1;
  bool floats_suffice = false;  // an image is done when the picture in floats is there, whatever 8 bits hold of it
  Subject* judge = nullptr;     // says what is reached, where steps are taken on a coarser subject; null: the subject itself
  std::function<void(int64_t done, int64_t total)> progress = {};
  std::function<bool()> stop = {};
  std::span<const size_t> radii = {};  // [N] only so many of the smallest ε are tried on each image; empty: all
  AttackLog* log = nullptr;            // of an earlier run, which it goes on with; null: none
  int64_t part = 0;                    // of several attacks that share a log
  Ranks* ranks = nullptr;              // that share out the images, each with subject and images, and all come to the same; null: nobody
  /** An image is done, and what it took. */
  std::function<void(int64_t row, int64_t slopes, int64_t looks)> ended = {};
};

/** What the network says about a picture. */
struct Verdict {
  int64_t predicted = 0;
  double confidence = 0;  // softmax of that class
  bool correct = false;   // it is the true class
  bool top5 = false;      // the true class is among the five largest logits
  bool success = false;   // the goal is reached, with the confidence that was asked for
};

/** One image under attack within one ε. */
struct Outcome {
  Verdict exact;           // of the picture in floats
  Verdict png;             // of what 8 bits hold of it; rounding may take it out of a small ball
  double linf = 0;         // of picture − image, or of the picture where it is made from black
  double l2 = 0;           //
  double l1 = 0;           //
  double linf_png = 0;     // of the 8-bit picture
  double epsilon = 0;      // the radius within which this picture was made
  int64_t iterations = 0;  // slopes that it took
  bool whole = false;      // it is where all steps within this ε have led; false where the goal ended them, within it or a smaller one
};

/** One attack of several, each on what those before left right. */
struct AttackPart {
  std::string attack;               // with its options
  std::vector<int64_t> right;       // [E] images that are still right after it
  std::vector<int64_t> alone = {};  // [E] images that it leaves right by itself; empty where it was asked of those that were left
  std::string left_out = {};        // why, where it was
  int64_t slopes = 0, looks = 0;
  double seconds = 0;
};

struct AttackResult {
  std::vector<double> epsilons;              // [E], ascending
  std::vector<Verdict> clean;                // [N]; success means nothing here
  std::vector<uint8_t> attacked;             // [N] 0: it was wrong before and was left alone
  std::vector<int64_t> targets;              // [N] of goals that have them
  std::vector<std::vector<Outcome>> radius;  // [E][N]
  std::vector<uint8_t> flat;                 // [N] 1: its slope was 0 in every pixel once or more, where no attack by slopes moves
  Tensor x;                                  // [N, C, H, W] pictures of the last ε
  int64_t slopes = 0;                        // images that went through the network for a slope
  int64_t looks = 0;                         // and for an answer alone
  std::vector<AttackPart> parts = {};        // of an attack that is made of several
  std::vector<double> nearest = {};          // [N] of one that minimises: how far its picture is; infinite where it has none
};

/** Somebody asked for an end; the text says how far it came. */
class AttackStopped : public Error {
 public:
  using Error::Error;
};

class Attack {
 public:
  virtual ~Attack() = default;

  /**
   * The attack within each ε. Every picture lies in its ball to the last bit, and in [0, 1] but for a member that says otherwise; what 8
   * bits hold of one lies there always. ε = 0 leaves images as they are.
   *
   * Images that are wrong already are left alone. An image is done as soon as the goal is reached by the picture in floats and by what
   * 8 bits hold of it (where ε is too small for 8 bits: by the floats alone), and a picture that was found within a smaller ε counts within
   * all larger ones: what else is measured of such pictures, a length or a rank, tells of where the search ended, not of the attack.
   * `independent` does none of this. A member that minimises goes its way once, and its picture counts within every ε that is as long.
   */
  virtual AttackResult perform(Subject& subject, const AttackedImages& images, const Goal& goal, std::span<const double> epsilons,
                               const AttackSettings& settings = {}) const;

  /** How ε is measured. */
  virtual Norm norm() const { return Norm::linf; }
  /** Whether ε is the radius of a ball; where not, it is the share of what the attack may do, and pictures stay in the pixel range. */
  virtual bool in_ball() const { return true; }
  /** Whether it takes so long that what it has found is kept for a later run. */
  virtual bool takes_long() const { return false; }
  /** Whether it wants an ε; one that does not stays in the pixel range alone where it gets none. */
  virtual bool wants_epsilon() const { return !minimises(); }
  /** Whether the ball lies around a black picture instead of the image. */
  virtual bool from_black() const { return false; }
  /** Whether its pictures stay where pixels are, in [0, 1]. */
  virtual bool pixels_only() const { return true; }
  /** Whether to end at the goal is its own way, so that the lengths it ends with are its own. */
  virtual bool ends_when_reached() const { return false; }
  /** Whether it looks for the nearest picture that is there, however far that is. */
  virtual bool minimises() const { return false; }
  /** Confidence that its pictures reach where nobody says otherwise. */
  virtual double usual_confidence() const { return 0; }

 protected:
  /** One image's way from where it is; see walk.h. */
  virtual Steps run(Walk& walk) const = 0;
};

/** The family. */
const Table<Attack>& attacks();

/** By that norm. */
double size_of(const Outcome& outcome, Norm norm);

/** Rounded to level / 255, what an 8-bit file holds. */
void round_to_levels(std::span<float> x);

}  // namespace convscope
