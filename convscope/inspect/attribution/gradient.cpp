#include "convscope/inspect/attribution/gradient.h"

#include <cmath>

namespace convscope {

namespace {

void make_absolute(Tensor& t) {
  for (float& v : t.span()) v = std::abs(v);
}

Tensor loss_slope(Subject& subject, const Tensor& x, const Question& question) {
  require(!question.labels.empty(), "the loss's gradient is of the true class, and these images have no labels");
  return subject.slope(x, {.of = Objective::Of::loss}, question.labels).gradient;
}

/** `it`: what the slope is of. */
std::string legend_of_product(bool absolute, std::string_view it) {
  if (absolute) return "bright: slope without its sign times brightness; black pixels are 0";
  return fmt::format("red: {0} would be less were the pixel black, by its slope; blue: more", it);
}

Maps times_input(Tensor slope, const Tensor& x, const TimesInputOptions& options) {
  if (options.absolute) make_absolute(slope);
  for (int64_t i = 0; i < slope.size(); ++i) slope[i] *= x[i];
  if (options.normalise) normalise_each(slope);
  return {std::move(slope), {}};
}

}  // namespace

GradientImage::GradientImage(Options options) : options_(options) {
  require(options_.gain > 0 && options_.gain <= 1e6, "gradient-image: gain is above 0, got {}", options_.gain);
}

std::string GradientAttribution::legend() const {
  return options_.absolute ? "bright: it changes most with the pixel, up or down"
                           : "red: it grows as the pixel gets brighter; blue: it falls";
}

std::string GradientTimesInput::legend() const { return legend_of_product(options_.absolute, "it"); }

std::string LossGradient::legend() const {
  return options_.absolute ? "bright: the loss changes most with the pixel, up or down"
                           : "red: the loss grows as the pixel gets brighter; blue: it falls";
}

std::string LossGradientTimesInput::legend() const { return legend_of_product(options_.absolute, "the loss"); }

std::string GradientImage::legend() const { return "red: the loss grows as the pixel gets brighter; blue: it falls"; }

Maps GradientAttribution::explain(Subject& subject, const Tensor& x, const Question& question) const {
  Tensor slope = subject.slope(x, question.objective, question.targets).gradient;
  if (options_.absolute) make_absolute(slope);
  return {std::move(slope), {}};
}

Maps GradientTimesInput::explain(Subject& subject, const Tensor& x, const Question& question) const {
  return times_input(subject.slope(x, question.objective, question.targets).gradient, x, options_);
}

Maps LossGradient::explain(Subject& subject, const Tensor& x, const Question& question) const {
  Tensor slope = loss_slope(subject, x, question);
  if (options_.absolute) make_absolute(slope);
  return {std::move(slope), {}};
}

Maps LossGradientTimesInput::explain(Subject& subject, const Tensor& x, const Question& question) const {
  return times_input(loss_slope(subject, x, question), x, options_);
}

Maps GradientImage::explain(Subject& subject, const Tensor& x, const Question& question) const {
  Tensor slope = loss_slope(subject, x, question);
  normalise_each(slope);
  return {std::move(slope), {}};
}

}  // namespace convscope
