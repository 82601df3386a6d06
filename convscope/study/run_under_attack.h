#pragma once

#include <string>
#include <utility>

#include "convscope/api/attack.h"
#include "convscope/study/study.h"

namespace convscope {

/**
 * The network of a study's run folder under attack, as it was trained or with the weights that it began with: opened once, attacked often.
 * The results of the untrained one lie in a folder of its own, beside the run.
 */
class RunUnderAttack {
 public:
  enum class State { trained, untrained };
  /** `options` are those of its training. */
  RunUnderAttack(const StudyContext& context, const std::string& run, Json options, State state = State::trained);

  /** On its test images; the options say how. Throws Stopped where the study was asked to end. */
  AttackRecord attack(const std::string& method, AttackOptions options) { return attack_on(test_, method, std::move(options)).record; }
  /** On other pictures of its data; gives what came out too. */
  Attacked attack_on(const Pictures& pictures, const std::string& method, AttackOptions options);

  const Network& network() const { return network_; }
  const Pictures& test_images() const { return test_; }

 private:
  const StudyContext& context_;
  Path folder_;
  Network network_;
  Pictures test_;
};

/** A share of a count as a figure in percent, with its interval; the text says what, the note what differs. */
StudyFigure share_figure(std::string what, double published, int64_t some, int64_t all, std::string note);

}  // namespace convscope
