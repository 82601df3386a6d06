#include "convscope/results/prediction_sheet.h"

#include <algorithm>
#include <cmath>

#include "convscope/results/inspection.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

namespace {

constexpr size_t kTop = 5;

/** A confidence that is no number is none. */
double sureness(const SheetEntry& e) { return std::isnan(e.confidence) ? -1 : e.confidence; }

}  // namespace

void SheetEntry::check(std::string_view whose) const { require_beside(picture, whose); }

void PredictionSheet::check(std::string_view whose) const {
  for (const std::vector<SheetEntry>* entries : {&first, &mistakes})
    for (const SheetEntry& e : *entries)
      for (const int64_t y : {e.label, e.predicted})
        require(y >= 0 && y < std::ssize(classes), "{}: image {} has class {}, there are {}", whose, e.index, y, classes.size());
}

SheetPicker::SheetPicker(std::vector<std::string> classes, std::set<int64_t> shown, size_t mistakes)
    : shown_(std::move(shown)), mistakes_(mistakes) {
  sheet_.classes = std::move(classes);
}

void SheetPicker::see(int64_t index, int64_t label, std::span<const float> logits) {
  ++sheet_.total;
  const int64_t predicted = argmax(logits);
  const bool is_shown = shown_.contains(index), is_mistake = predicted != label && mistakes_ > 0;
  if (!is_shown && !is_mistake) return;

  const Tensor confidences = softmax(Tensor(Shape{1, static_cast<int64_t>(logits.size())}, logits));
  SheetEntry e{index, label, predicted, static_cast<double>(confidences[predicted]), {}, {}};
  std::vector<SheetEntry>& worst = sheet_.mistakes;
  const bool among_worst = is_mistake && (worst.size() < mistakes_ || sureness(e) > sureness(worst.back()));
  if (!is_shown && !among_worst) return;
  e.top = ranked(confidences.span(), sheet_.classes, kTop);
  if (among_worst) {
    const auto place =
        std::upper_bound(worst.begin(), worst.end(), e, [](const SheetEntry& a, const SheetEntry& b) { return sureness(a) > sureness(b); });
    worst.insert(place, e);
    if (worst.size() > mistakes_) worst.pop_back();
  }
  if (is_shown) sheet_.first.push_back(std::move(e));
}

}  // namespace convscope
