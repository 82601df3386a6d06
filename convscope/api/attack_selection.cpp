#include "convscope/api/attack_selection.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "convscope/attack/attack.h"
#include "convscope/base/random.h"

namespace convscope {

namespace {

enum class Aim { away, least_likely, one, each };

Aim aim_of(const std::string& target) {
  if (target.empty()) return Aim::away;
  return target == "least-likely" ? Aim::least_likely : target == "each" ? Aim::each : Aim::one;
}

bool among_five(std::span<const float> logits, int64_t label) {
  const float own = logits[static_cast<size_t>(label)];
  return std::count_if(logits.begin(), logits.end(), [&](float v) { return v > own; }) < 5;
}

/** Which images, in which order, is decided by the network's clean answers, batch by batch until there are enough. */
class Selection {
 public:
  Selection(Subject& judge, const Pictures& pictures, const AttackOptions& options, const Setting& setting)
      : judge_(judge),
        pictures_(pictures),
        labels_(pictures.labels()),
        options_(options),
        setting_(setting),
        names_(pictures.classes()),
        aim_(aim_of(options.target)) {
    require(!labels_.empty(), "nobody knows the classes of these pictures, so that none can be led away from its own");
    if (!options.source.empty()) source_ = parse_class(options.source, names_);
    if (aim_ == Aim::one) target_ = parse_class(options.target, names_);
    require(source_ < 0 || source_ != target_, "`source` and `target` are both '{}'; another class was wanted", options.source);
    require(aim_ != Aim::each || judge.classes() > 1, "a network of one class has no other to aim at");
  }

  ChosenImages choose() {
    of_class_.assign(static_cast<size_t>(judge_.classes()), 0);
    const std::vector<int64_t> order = candidates();
    const auto batch = static_cast<size_t>(std::max<int64_t>(1, judge_.batch()));
    for (size_t first = 0; first < order.size() && !full(); first += batch) {
      if (setting_.stop && setting_.stop()) throw AttackStopped(fmt::format("stopped while choosing images, after {}", examined_));
      look_at(std::span(order).subspan(first, std::min(batch, order.size() - first)));
    }
    if (places_.empty())
      throw NothingToAttack(
          fmt::format("none of {} images is classified correctly{}{}: there is no image to start from", examined_,
                      options_.min_confidence > 0 ? fmt::format(" with a confidence of {}", options_.min_confidence) : "",
                      aim_ == Aim::one ? fmt::format(" and of another class than '{}'", names_[static_cast<size_t>(target_)]) : ""));
    std::vector<int64_t> labels;
    for (const int64_t place : places_) labels.push_back(label_of(place));
    Tensor logits({std::ssize(places_), judge_.classes()}, logits_);
    return {pictures_.at(places_), std::move(labels), std::move(targets_), std::move(logits), examined_, correct_, top5_};
  }

 private:
  int64_t label_of(int64_t place) const { return labels_[static_cast<size_t>(place)]; }

  /** Their places, of the source class alone, drawn or in the order given. */
  std::vector<int64_t> candidates() const {
    std::vector<int64_t> order(labels_.size());
    std::iota(order.begin(), order.end(), 0);
    if (options_.draw) {
      // By number, so that what is drawn does not depend on the order given.
      std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        return pictures_.numbers()[static_cast<size_t>(a)] < pictures_.numbers()[static_cast<size_t>(b)];
      });
      const std::vector<int64_t> by_number =
          std::exchange(order, permutation(pictures_.size(), RandomStream(setting_.seed, "images to attack")));
      for (int64_t& place : order) place = by_number[static_cast<size_t>(place)];
    }
    if (source_ >= 0) {
      std::erase_if(order, [&](int64_t place) { return label_of(place) != source_; });
      require(!order.empty(), "no image of class '{}' in the data", names_[static_cast<size_t>(source_)]);
    }
    return order;
  }

  bool all_count() const { return aim_ == Aim::away && options_.min_confidence == 0; }

  bool full() const {
    if (options_.limit == 0) return false;
    if (aim_ != Aim::each) return std::ssize(places_) >= options_.limit;
    for (int64_t y = 0; y < std::ssize(of_class_); ++y)
      if ((source_ < 0 || y == source_) && of_class_[static_cast<size_t>(y)] < options_.limit) return false;
    return true;
  }

  void look_at(std::span<const int64_t> places) {
    const Tensor logits = judge_.logits(pictures_.at(places).pixels()), p = softmax(logits);
    for (size_t i = 0; i < places.size() && !full(); ++i) {
      const auto row = logits.row(static_cast<int64_t>(i));
      const int64_t label = label_of(places[i]), says = argmax(row);
      require(label < judge_.classes(), "image {} is of class {}: the network has classes 0 to {}",
              pictures_.numbers()[static_cast<size_t>(places[i])], label, judge_.classes() - 1);
      ++examined_;
      correct_ += says == label;
      top5_ += among_five(row, label);
      const bool fit = says == label && p.row(static_cast<int64_t>(i))[static_cast<size_t>(label)] >= options_.min_confidence;
      if (all_count() || (fit && label != target_)) take(places[i], label, row);
    }
  }

  void take(int64_t place, int64_t label, std::span<const float> logits) {
    if (aim_ != Aim::each) {
      places_.push_back(place);
      logits_.insert(logits_.end(), logits.begin(), logits.end());
      if (aim_ == Aim::one) targets_.push_back(target_);
      return;
    }
    if (options_.limit > 0 && of_class_[static_cast<size_t>(label)] >= options_.limit) return;
    ++of_class_[static_cast<size_t>(label)];
    for (int64_t y = 0; y < judge_.classes(); ++y) {
      if (y == label) continue;
      places_.push_back(place);
      targets_.push_back(y);
      logits_.insert(logits_.end(), logits.begin(), logits.end());
    }
  }

  Subject& judge_;
  const Pictures& pictures_;
  std::vector<int64_t> labels_;
  const AttackOptions& options_;
  const Setting& setting_;
  std::span<const std::string> names_;
  Aim aim_;
  int64_t source_ = -1, target_ = -1;
  std::vector<int64_t> of_class_;          // images taken of each class
  std::vector<int64_t> places_, targets_;  // what is chosen so far
  std::vector<float> logits_;
  int64_t examined_ = 0, correct_ = 0, top5_ = 0;
};

}  // namespace

ChosenImages choose_images(Subject& judge, const Pictures& pictures, const AttackOptions& options, const Setting& setting) {
  return Selection(judge, pictures, options, setting).choose();
}

}  // namespace convscope
