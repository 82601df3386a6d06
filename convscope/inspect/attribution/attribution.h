#pragma once

/**
 * The family of attributions: which pixels a number of the network depends on.
 * A method takes any count of images and gives a map for each; it decides nothing about targets and draws nothing.
 */

#include <optional>

#include "convscope/base/table.h"
#include "convscope/subject/subject.h"

namespace convscope {

/** What is asked of some images [N, C, H, W]: for each, the number of the objective that its target chooses. */
struct Question {
  Objective objective;
  std::vector<int64_t> targets;                                    // [N]
  std::vector<int64_t> labels;                                     // [N] true classes; empty where nobody knows them
  uint64_t seed = 1;                                               // of methods that draw
  std::vector<int64_t> numbers;                                    // [N] each image's number, by which it draws; empty: 0 … N−1
  std::function<void(int64_t done, int64_t total)> progress = {};  // counts pictures of methods that ask about many
  int64_t number(int64_t n) const { return numbers.empty() ? n : numbers[static_cast<size_t>(n)]; }
};

/** How the sum of a map misses what it should be, and what it took. */
struct Completeness {
  double difference = 0;                          // f(x) − f(baseline): what the map should add up to
  double gap = 0;                                 // |sum − difference|
  int64_t steps = 0;                              // points on a path; 0: it takes none
  std::optional<double> absorbed = std::nullopt;  // what of the sum did not reach the pixels, where a method tells: the gap is without it
};

/** How well a simple model of superpixels fits what a network answers. */
struct Surrogate {
  int64_t superpixels = 0, samples = 0;
  double r2 = 0;         // weighted share of the answers' variance that it tells
  double stability = 0;  // Spearman's correlation of the numbers that two seeds give, half of the samples each
};

struct Maps {
  Tensor values;                           // [N, C, H, W], or [N, 1, H, W] where channels are not told apart
  std::vector<Completeness> completeness;  // [N], of methods that promise it; else empty
  std::string over = {};                   // of one that adds up more than the question tells: "summed over 12 of the 47 states …"
  std::vector<std::string> notes = {};     // [N], of methods that have something to say of single maps; else empty
  std::vector<Surrogate> surrogates = {};  // [N], of methods that fit one; else empty
};

/** What of a question a method answers. */
enum class Answers {
  target,          // the number that the target chooses
  all_outputs,     // how much all classes' numbers change together: no target chooses among them
  all_and_target,  // the mean of both
  activations,     // what a node gives for the image, whatever the class
  true_loss,       // the loss of the true class, whatever the target is
  nothing,         // no number of the network
};

/** How a picture shows the channels of a map. */
enum class ShownChannels {
  one,       // the method does not tell channels apart
  added,     // their sum: shares in one number add up
  farthest,  // at each pixel the number farthest from 0: slopes of several channels would cancel in a sum
};

/** As records name it; empty where there is one. */
std::string name_of(ShownChannels channels);

/** Whether a method's answer depends on the target. */
inline bool takes_target(Answers answers) { return answers == Answers::target || answers == Answers::all_and_target; }

class Attribution {
 public:
  virtual ~Attribution() = default;
  /** Whether numbers below zero mean something: against the target, where those above speak for it. */
  virtual bool has_sign() const = 0;
  /** What its maps are of: captions, records and what is refused follow from it. */
  virtual Answers answers() const { return Answers::target; }
  virtual ShownChannels shown_channels() const = 0;
  /** "red: … blue: …": what a map's colours mean, true of this method with these options. */
  virtual std::string legend() const = 0;
  /** The factor of a map that is looked at as a picture of the network's channels, its numbers below 0 black; 0: a heat map. */
  virtual double picture_gain() const { return 0; }
  virtual Maps explain(Subject& subject, const Tensor& x, const Question& question) const = 0;
};

/** The family. */
const Table<Attribution>& attributions();

/**
 * An error where a question is asked that the method does not answer, so that no answer carries another one's name: `target` and `of` as
 * people say them (api/explain.h), `name` the method's.
 */
void require_answerable(const Attribution& method, std::string_view name, std::string_view target, std::string_view of);

/** "the logit of the target", "the loss of the true class", "the softmax of all classes at once", "nothing: noise"; of a node by its name.
 */
std::string said_of(Answers answers, std::string_view of);

/** [H, W]: one image's map [C, H, W] as one number a pixel. */
void flatten_channels(std::span<const float> map, ShownChannels channels, std::vector<float>& plane);

/** Each image's map divided by its largest absolute number; a map of zeros stays one. */
void normalise_each(Tensor& maps);

}  // namespace convscope
