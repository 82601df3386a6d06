#include "convscope/inspect/attribution/quality/check_maps.h"

#include <array>
#include <cmath>
#include <utility>

#include "convscope/base/timer.h"
#include "convscope/inspect/attribution/quality/evidence.h"
#include "convscope/inspect/attribution/quality/faithfulness.h"
#include "convscope/inspect/attribution/quality/pointing.h"
#include "convscope/inspect/attribution/quality/removal.h"
#include "convscope/inspect/attribution/quality/stability.h"

namespace convscope {

const Table<MapMetric>& map_metrics() {
  static const Table<MapMetric> table{
      "measure of maps",
      {
          entry<Deletion, MapMetric>("deletion", "area under the target's probability as the pixels of most evidence go first"),
          entry<Insertion, MapMetric>("insertion", "the same as they come into the blurred image"),
          entry<RemoveAndDebias, MapMetric>(
              "road", "how much more probability is left where those of least evidence went than those of most, neighbours in their place"),
          entry<Infidelity, MapMetric>("infidelity",
                                       "share of the change of the target's number under hidden squares that it does not tell"),
          entry<FaithfulnessCorrelation, MapMetric>("faithfulness-correlation",
                                                    "of the evidence of random pixels with what the target's number falls without them"),
          entry<PointingGame, MapMetric>("pointing-game", "share of images whose pixel of most evidence lies in a box of the target"),
          entry<SensitivityMax, MapMetric>("sensitivity-max", "largest relative change of the map under noise of 0.02"),
          entry<Sparseness, MapMetric>("sparseness", "Gini's coefficient: 1 all in one pixel"),
          entry<Complexity, MapMetric>("complexity", "entropy: 0 all in one pixel"),
          entry<ModelRandomisation, MapMetric>("model-randomisation",
                                               "rank correlation with maps of the network as its layers are drawn anew from the last down"),
      }};
  return table;
}

namespace {

/** Pictures that went through them all. */
int64_t passes_of(const CheckedNetworks& networks) {
  int64_t sum = 0;
  for (const Subject* s : {&networks.own, &networks.random, &networks.redrawn}) sum += s->passes().forward;
  return sum;
}

/** [N] of [S][N]. */
std::vector<double> mean_over(const std::vector<std::vector<double>>& states) {
  std::vector<double> mean(states.front().size());
  for (const std::vector<double>& state : states)
    for (size_t n = 0; n < mean.size(); ++n) mean[n] += state[n] / static_cast<double>(states.size());
  return mean;
}

}  // namespace

void do_alone(int64_t count, const std::function<std::vector<MeasuredOnce>(int64_t)>& work,
              const std::function<void(int64_t, std::vector<MeasuredOnce>)>& take) {
  for (int64_t i = 0; i < count; ++i) take(i, work(i));
}

std::vector<MapQuality> check_maps(const Attribution& method, const CheckedNetworks& networks, const Tensor& x, const Question& question,
                                   const Tensor& maps, const QualityOptions& options,
                                   const std::function<void(int64_t done, int64_t total)>& progress, const ShareOut& share) {
  require(options.steps >= 0 && options.steps <= 100'000 && options.draws >= 1 && options.draws <= 10'000,
          "quality of maps: {} steps and {} draws; steps are 0 to 100000, draws 1 to 10000", options.steps, options.draws);
  const Tensor given = evidence_of(method, question.objective, maps);
  require(all_finite(given.span()), "a map holds numbers that are not finite: how good it is cannot be told");
  const auto explained = [&](Subject& subject, const Tensor& pixels, int64_t times) {
    Tensor evidence = evidence_of(method, question.objective, method.explain(subject, pixels, repeated(question, times)).values);
    // A network of drawn weights may overflow: what it then says is no evidence.
    for (float& v : evidence.span())
      if (!std::isfinite(v)) v = 0;
    return evidence;
  };
  const auto redrawn = [&](int64_t stage) {
    networks.set_state(stage);
    return explained(networks.redrawn, x, 1);
  };
  int64_t noises = 0;  // that each image has had
  const auto noise = [&](const Tensor& pixels, int64_t times) {
    return noise_evidence(pixels, question, std::exchange(noises, noises + times));
  };
  const CheckedQuestion asked{networks.own, x, question, options, networks.stages};
  const auto of = [&](Subject& subject) { return [&](const Tensor& other, int64_t times) { return explained(subject, other, times); }; };
  const std::array<Mapmaker, 4> makers{{
      {given, of(networks.own), redrawn},
      {noise(x, 1), noise, [&](int64_t) { return noise(x, 1); }},
      {centre_evidence(x), [](const Tensor& other, int64_t) { return centre_evidence(other); },
       [&](int64_t) { return centre_evidence(x); }},
      {explained(networks.random, x, 1), of(networks.random), redrawn},
  }};

  std::vector<std::unique_ptr<MapMetric>> metrics;
  std::vector<std::string> names;
  for (const std::string& name : map_metrics().names())
    if (auto metric = map_metrics().make(name); metric->applies(asked)) {
      metrics.push_back(std::move(metric));
      names.push_back(name);
    }
  // Noise draws on from one measure to the next: whoever measures it does so for all of them.
  struct Measure {
    size_t metric, maker;
  };
  constexpr size_t kNoise = 1;
  std::vector<std::vector<Measure>> jobs(1);
  for (size_t k = 0; k < metrics.size(); ++k)
    for (size_t m = 0; m < makers.size(); ++m)
      if (m == kNoise)
        jobs.front().push_back({k, m});
      else
        jobs.push_back({{k, m}});

  const int64_t total = std::ssize(metrics) * std::ssize(makers);
  int64_t done = 0;
  const auto tell = [&](int64_t more) {
    done += more;
    if (progress) progress(done * asked.images(), total * asked.images());
  };
  std::vector<uint8_t> own(jobs.size());
  const auto work = [&](int64_t job) {
    own[static_cast<size_t>(job)] = 1;
    std::vector<MeasuredOnce> found;
    for (const auto& [k, m] : jobs[static_cast<size_t>(job)]) {
      const Timer timer;
      const int64_t before = passes_of(networks);
      std::vector<std::vector<double>> curve = metrics[k]->curve(asked, makers[m]);
      std::vector<double> numbers = curve.empty() ? metrics[k]->measure(asked, makers[m]) : mean_over(curve);
      found.push_back({std::move(numbers), std::move(curve), passes_of(networks) - before, timer.seconds()});
      tell(1);
    }
    return found;
  };
  std::vector<std::array<MeasuredOnce, 4>> measured(metrics.size());
  bool is_told = false;
  share(std::ssize(jobs), work, [&](int64_t job, std::vector<MeasuredOnce> found) {
    is_told = true;
    const std::vector<Measure>& which = jobs[static_cast<size_t>(job)];
    for (size_t i = 0; i < which.size(); ++i) measured[which[i].metric][which[i].maker] = std::move(found[i]);
    if (!own[static_cast<size_t>(job)]) tell(std::ssize(which));
  });
  if (!is_told) return {};

  std::vector<MapQuality> all;
  for (size_t k = 0; k < metrics.size(); ++k) {
    MapQuality told;
    told.metric = names[k];
    told.about = map_metrics().at(names[k]).summary;
    told.better = metrics[k]->higher_is_better() ? "higher" : "lower";
    std::array<std::vector<double>, 4> numbers;
    std::array<std::vector<std::vector<double>>, 4> curves;
    for (size_t m = 0; m < makers.size(); ++m) {
      MeasuredOnce& once = measured[k][m];
      numbers[m] = std::move(once.numbers);
      curves[m] = std::move(once.curve);
      told.passes += once.passes;
      told.seconds += once.seconds;
    }
    all.push_back(judged(std::move(told), {numbers[0], {numbers[1], numbers[2], numbers[3]}, std::move(curves)}, metrics[k]->rule(),
                         metrics[k]->bounds()));
  }
  return all;
}

}  // namespace convscope
