#include "convscope/study/adversary_part.h"

#include <cmath>
#include <memory>
#include <span>
#include <utility>

#include "convscope/results/attack_summary.h"

namespace convscope {

namespace {

/** The study starts from images that are right: what it says of predictions is set beside the share of these that are fooled. */
std::vector<StudyFigure> attack_figures(const std::string& whose, const PublishedAttack& attack, const AttackRecord& r,
                                        const AttackPoint& p) {
  const std::string what = fmt::format("{}: {}, ε = {}, ", whose, attack.name, epsilon_text(attack.epsilon));
  std::vector<StudyFigure> figures{share_figure(what + "predictions that change", kUnknown,
                                                std::llround(p.flip_rate * static_cast<double>(r.total)), r.total, attack.note)};
  if (std::isnan(p.success_rate)) return figures;
  const int64_t right = std::llround(r.clean_accuracy * static_cast<double>(r.examined));
  const std::string sure = p.successes > 0 ? fmt::format("Mean confidence {:.1f} %.", 100 * p.confidence_mean) : "";
  const std::string why = std::isnan(attack.fooled) ? "" : attack.note + " ";
  figures.push_back(share_figure(what + "of those right before, fooled", attack.fooled, p.successes, right, why + sure));
  return figures;
}

/** By how much answers change, whether classes do or not: half the sum of what each class's softmax gains or loses. */
double change_of_outputs(const Network& network, const Attacked& found, Setting setting) {
  setting.execution.precision = Precision::fp32;
  NetworkSubject subject = subject_of(network, setting);
  const Tensor before = softmax(subject.logits(found.images.pixels())), after = softmax(subject.logits(found.pictures));
  double sum = 0;
  for (int64_t i = 0; i < before.size(); ++i) sum += std::abs(static_cast<double>(after[i]) - before[i]) / 2;
  return sum / static_cast<double>(before.shape()[0]);
}

StudyFigure output_figure(const std::string& whose, const PublishedAttack& attack, const RunUnderAttack& network, const Attacked& found,
                          const Setting& setting) {
  StudyFigure f;
  f.what = fmt::format("{}: {}, ε = {}, change of the softmax", whose, attack.name, epsilon_text(attack.epsilon));
  f.ours = 100 * change_of_outputs(network.network(), found, setting);
  f.unit = "points";
  f.note = "Mean over images of half the sum over the classes, whether the predicted class changes or not; not published as a number.";
  return f;
}

/** On every test image. Rows of one attack stand together: an image's slope is had once for all of them. */
std::vector<StudyFigure> count_flips(const StudyContext& context, const AttackedTraining& attacked) {
  const std::span<const PublishedAttack> wanted = attacked.attacks;
  std::vector<StudyFigure> figures;
  std::unique_ptr<RunUnderAttack> network;
  for (size_t first = 0, last = 0; first < wanted.size(); first = last) {
    std::vector<double> epsilons;
    while (last < wanted.size() && wanted[last].state == wanted[first].state && wanted[last].method == wanted[first].method)
      epsilons.push_back(wanted[last++].epsilon);
    if (first == 0 || wanted[first].state != wanted[first - 1].state)
      network = std::make_unique<RunUnderAttack>(context, attacked.run, attacked.options, wanted[first].state);
    const Attacked found =
        network->attack_on(network->test_images(), wanted[first].method,
                           {.epsilon = epsilons, .limit = attacked.limit, .independent = true, .show = 6, .captions = "percent"});
    // Pictures of the change that was published stand on a sheet of their own: of several ε, a sheet shows the last.
    if (epsilons.size() > 1)
      (void)network->attack_on(
          network->test_images(), wanted[first].method,
          {.epsilon = {epsilons.front()}, .limit = attacked.limit, .independent = true, .show = 6, .captions = "percent"});
    const AttackRecord& r = found.record;
    for (const PublishedAttack& attack : wanted.subspan(first, last - first))
      for (const AttackPoint& p : r.curve)
        if (p.epsilon == attack.epsilon)
          for (StudyFigure& f : attack_figures(attacked.whose, attack, r, p)) figures.push_back(std::move(f));
    figures.push_back(output_figure(attacked.whose, wanted[last - 1], *network, found, context.setting));
  }
  return figures;
}

}  // namespace

Part adversary_part(AttackedTraining attacked) {
  for (PublishedAttack& attack : attacked.attacks) attack.note += attacked.less;
  return {attacked.run + "-adversaries", fmt::format("pictures that change what the network says: {}", attacked.whose), attacked.run,
          [attacked](const StudyContext& context) { return count_flips(context, attacked); }};
}

}  // namespace convscope
