#include "convscope/study/alias_under_attack.h"

#include <algorithm>

#include "convscope/api/alias.h"
#include "convscope/api/provenance.h"
#include "convscope/attack/attack.h"
#include "convscope/base/json_file.h"
#include "convscope/models/model.h"
#include "convscope/results/aliasing_numbers.h"
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
  point.legacy_median = spread_of(std::move(legacy)).median;
}

}  // namespace

AliasingCurve alias_under_attack(const Path& folder, const Network& network, const Pictures& pictures, const UnderAttackOptions& options,
                                 const Setting& setting) {
  const int64_t count = pictures.size(), inner = network.image().size();
  require(count > 0, "no images to attack");
  require(count <= kMostInPictures / inner, "{} pictures of {} numbers would be held at once; {} is the most", count, inner,
          kMostInPictures / inner);
  const auto attack = attacks().make(options.attack);
  AliasingCurve curve;
  curve.came_from(provenance_of(network, pictures, {{"attack", origin(options.attack)}, {"epsilons", options.epsilons}}, setting));
  curve.attack = origin(options.attack);
  curve.images = count;
  const Path place = folder / kAliasing, file = place / kAliasingCurveFile;
  make_folder(place);
  if (std::filesystem::exists(file)) {
    const AliasingCurve begun = provided_record<AliasingCurve>(read_json(file), file.string());
    require(begun.attack == curve.attack && begun.network.name == curve.network.name && begun.data.text() == curve.data.text() &&
                begun.images == curve.images,
            "{}: a curve of {} images of {}, {}, is there already; take another folder", file.string(), begun.images, begun.data.text(),
            begun.attack);
    curve.points = begun.points;
  }

  NetworkSubject subject = subject_of(network, setting, options.batch);
  const Tensor x = pictures.pixels();
  const std::vector<int64_t> labels = pictures.labels();
  for (const double epsilon : options.epsilons) {
    if (!curve.points.empty() && epsilon <= curve.points.back().epsilon) continue;
    const double radius[] = {epsilon};
    AttackResult found = attack->perform(subject, {x, labels, pictures.samples()}, {}, radius,
                                         {.independent = true, .seed = setting.seed, .stop = setting.stop});
    AliasingCurvePoint point;
    point.epsilon = epsilon;
    int64_t right = 0, top5 = 0;
    for (const Outcome& o : found.radius.front()) {
      right += o.exact.correct;
      top5 += o.exact.top5;
    }
    point.accuracy = static_cast<double>(right) / static_cast<double>(count);
    if (network.outputs() > 5) point.top5_accuracy = static_cast<double>(top5) / static_cast<double>(count);

    const Path own = place / "under-attack" / fmt::format("{}", epsilon);
    const Pictures attacked =
        Pictures(std::move(found.x), labels, pictures.classes(), pictures.name()).numbered(pictures.numbers()).said_as(pictures.where());
    const Aliased aliased = alias(network, attacked, {.maps = 0, .batch = options.batch}, own, setting);
    measure(AliasingNumbers(aliased.folder, aliased.record), point);
    curve.points.push_back(point);
    write_json(file, fields_to_json(curve));
    if (options.done) options.done(point);
  }
  return curve;
}

}  // namespace convscope
