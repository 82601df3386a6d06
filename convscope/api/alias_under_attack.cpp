#include "convscope/api/alias_under_attack.h"

#include <algorithm>

#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/attack/attack.h"
#include "convscope/base/json_file.h"
#include "convscope/models/model.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr int64_t kMostInPictures = int64_t{1} << 29;  // of pictures held at once, twice: 4 GiB

/** As published: element n / 2, n / 100 and 99 n / 100 of the sorted values. */
struct Spread {
  double median, low, high;
};
Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return {values[n / 2], values[n / 100], values[99 * n / 100]};
}

/** Median and band of what is aliased or tangled, image by image. */
void measure(const AliasingNumbers& numbers, AliasingCurvePoint& point) {
  std::vector<double> published, contribution, legacy;
  for (int64_t n = 0; n < numbers.images(); ++n) {
    const ScaledShares image = numbers.of_image(n);
    published.push_back(image.published.aliased + image.published.tangled);
    contribution.push_back(image.contribution.aliased + image.contribution.tangled);
    double sum = 0;
    for (int64_t s = 0; s < numbers.signals(); ++s) {
      const AliasingShares as_counted = legacy_of(numbers.at(n, s).published);
      sum += as_counted.aliased + as_counted.tangled;
    }
    legacy.push_back(sum / static_cast<double>(numbers.signals()));
  }
  const Spread p = spread_of(std::move(published)), c = spread_of(std::move(contribution));
  point.median = p.median;
  point.low = p.low;
  point.high = p.high;
  point.contribution_median = c.median;
  point.contribution_low = c.low;
  point.contribution_high = c.high;
  const Spread l = spread_of(std::move(legacy));
  point.legacy_median = l.median;
  point.legacy_low = l.low;
  point.legacy_high = l.high;
}

/** Right answers to the pictures that came out. */
void count_right(std::span<const Outcome> outcomes, bool top5, AliasingCurvePoint& point) {
  const int64_t count = std::ssize(outcomes);
  const auto share = [&](int64_t some) { return static_cast<double>(some) / static_cast<double>(count); };
  int64_t right = 0, among_five = 0;
  for (const Outcome& o : outcomes) {
    right += o.exact.correct;
    among_five += o.exact.top5;
  }
  point.accuracy = share(right);
  point.accuracy_interval_95 = wilson_interval(right, count);
  if (!top5) return;
  point.top5_accuracy = share(among_five);
  point.top5_interval_95 = wilson_interval(among_five, count);
}

/** A sweep that goes on is the same sweep. */
void require_same_sweep(const AliasingCurve& begun, const AliasingCurve& now, const Path& file) {
  require(begun.attack == now.attack && begun.network.name == now.network.name && begun.network.sha256 == now.network.sha256 &&
              begun.seed == now.seed && begun.data.text() == now.data.text() && begun.images == now.images,
          "{}: a curve of {} images of {}, {}, is there already; take another folder", file.string(), begun.images, begun.data.text(),
          begun.attack);
  for (const char* option : {"threshold", "passing_db"})
    require(!begun.options.contains(option) || begun.options[option] == now.options[option],
            "{}: a curve with `{}` {} is there already; take another folder", file.string(), option, shown(begun.options[option]));
}

}  // namespace

void check_under_attack(const UnderAttackOptions& options) {
  check_aliasing(options.look);
  (void)attacks().make(options.attack);
  require(options.look.accounting == AliasOptions().accounting, "`accounting` {}: a curve tells both ways of counting",
          options.look.accounting);
  require(!options.epsilons.empty(), "`epsilon` is missing: how far pictures may be from their images, 0,0.001,0.01");
  for (size_t i = 0; i < options.epsilons.size(); ++i) {
    const double epsilon = options.epsilons[i];
    require(epsilon >= 0 && epsilon <= 1, "`epsilon` {}: a number from 0 to 1 was wanted", epsilon);
    require(i == 0 || epsilon > options.epsilons[i - 1], "`epsilon` {} behind {}: each larger than the one before was wanted", epsilon,
            i == 0 ? 0 : options.epsilons[i - 1]);
  }
}

AliasingCurve alias_under_attack(const Path& place, const Network& network, const Pictures& pictures, const UnderAttackOptions& options,
                                 const Setting& setting) {
  check_under_attack(options);
  check_pictures(network, pictures);
  const int64_t count = pictures.size(), inner = network.image().size();
  require(count > 0, "no images to attack");
  require(count <= kMostInPictures / inner, "{} pictures of {} numbers would be held at once; {} is the most", count, inner,
          kMostInPictures / inner);
  const auto attack = attacks().make(options.attack);
  AliasingCurve curve;
  require(std::ssize(pictures.labels()) == count, "an attack wants to know the classes of its images; those of {} have none",
          pictures.name());
  Json asked = fields_to_json(options.look);
  asked.update({{"attack", origin(options.attack)}, {"epsilons", options.epsilons}});
  curve.came_from(provenance_of(network, pictures, std::move(asked), setting));
  curve.attack = origin(options.attack);
  curve.images = count;
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, curve, *pictures.dataset());
  const Path file = place / kAliasingCurveFile;
  if (ranks.is_root()) make_folder(place);
  if (ranks.is_root() && std::filesystem::exists(file)) {
    const AliasingCurve begun = provided_record<AliasingCurve>(read_json(file), file.string());
    require_same_sweep(begun, curve, file);
    curve.points = begun.points;
  }
  curve = record_of_root(ranks, curve);

  NetworkSubject subject = subject_of(network, setting, options.look.batch);
  const Tensor x = pictures.pixels();
  const std::vector<int64_t> labels = pictures.labels();
  for (const double epsilon : options.epsilons) {
    if (std::any_of(curve.points.begin(), curve.points.end(), [&](const AliasingCurvePoint& p) { return p.epsilon == epsilon; })) continue;
    const double radius[] = {epsilon};
    AttackResult found = attack->perform(subject, {x, labels, pictures.samples()}, {}, radius,
                                         {.independent = true, .seed = setting.seed, .stop = setting.stop, .ranks = &ranks});
    AliasingCurvePoint point;
    point.epsilon = epsilon;
    count_right(found.radius.front(), network.outputs() > 5, point);

    const Path own = place / "under-attack" / fmt::format("{}", epsilon);
    const Pictures attacked =
        Pictures(std::move(found.x), labels, pictures.classes(), pictures.name()).numbered(pictures.numbers()).said_as(pictures.where());
    const Aliased aliased = alias(network, attacked, options.look, own, setting);
    if (!ranks.is_root()) continue;
    measure(AliasingNumbers(aliased.folder, aliased.record), point);
    curve.points.push_back(point);
    std::sort(curve.points.begin(), curve.points.end(), [](const auto& a, const auto& b) { return a.epsilon < b.epsilon; });
    write_json(file, fields_to_json(curve));
    if (options.done) options.done(point);
  }
  return record_of_root(ranks, curve);
}

}  // namespace convscope
