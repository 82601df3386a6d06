#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "convscope/attack/attack.h"

namespace convscope {

/**
 * Many walks at once over programs of one batch size. A walk that ends gives its row to the next image, so programs run full until the
 * images run out; each walk counts its own steps, so it does not matter who shares the batch.
 */
class Search {
 public:
  struct Task {
    Subject& subject;
    Subject& judge;
    const AttackedImages& images;
    const Tensor& logits;              // [N, Y] of the clean images
    std::span<const int64_t> targets;  // [N] classes aimed at; empty: away from the labels
    double confidence;
    const AttackSettings& settings;
    Norm norm;
    std::vector<double> radii;  // within which it goes, ascending
    bool in_ball;               // which are balls; where not, ε is the walk's own affair
    bool from_black, pixels_only;
    bool ends_when_reached;
    bool floats_suffice;  // where 8 bits hold no adversary, the floats count all the same
    bool goes_its_way;    // nobody but itself ends a walk, and where it ends counts
    std::function<Steps(Walk&)> run;
    /** From what such a walk found back towards the image. */
    std::function<Steps(Walk&, std::span<const float> found)> come_nearer;
  };
  explicit Search(Task task);
  ~Search();

  /** What an answer [Y] says about a picture that was image `row`. */
  Verdict verdict(std::span<const float> logits, int64_t row) const;
  /** The next image to attack. Nothing: there is none now, or with `idle`, where nothing else is left to do, none at all. */
  using Next = std::function<std::optional<int64_t>(bool idle)>;
  /** Attacks the images that `next` gives, `total` for people, within each ε and fills `result`, whose outcomes are those of the clean
   * ones.
   */
  void run(const Next& next, int64_t total, AttackResult& result);

 private:
  struct Trial;
  using Trials = std::vector<std::unique_ptr<Trial>>;

  /** Of pictures [N, C, H, W] that were images `rows` [N]. */
  std::vector<Verdict> judge(const Tensor& x, std::span<const int64_t> rows);
  bool reached(std::span<const float> logits, int64_t row) const;
  void begin(std::unique_ptr<Trial> trial);
  void go_on(Trials& trials);
  /** Of those that wait in a queue, as many as fill a batch. */
  Trials taken_from(Trials& queue) const;
  Tensor pictures_of(const Trials& trials) const;
  void ask_for_slopes();
  void ask_for_answers();
  /** Whether an answer is worth a look by the judge. */
  bool is_news(Trial& trial, std::span<const float> logits) const;
  void look();
  void finish(std::unique_ptr<Trial> trial);
  /** Each ε has the picture of a walk that went its way if it is as near. */
  void spread(Trial& trial);
  /** Nothing is left to do for its image. */
  void end(Trial& trial);
  void require_going_on() const;

  Task task_;
  std::vector<float> black_;
  AttackResult* result_ = nullptr;
  Trials sloping_, answering_, looking_;  // walks that wait for a slope, for an answer, or for a look
  int64_t done_ = 0, total_ = 0;
};

}  // namespace convscope
