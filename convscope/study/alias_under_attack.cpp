#include "convscope/study/alias_under_attack.h"

#include <algorithm>

#include "convscope/attack/attack.h"
#include "convscope/base/json_file.h"
#include "convscope/data/batches.h"
#include "convscope/models/model.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/study/alias_into.h"

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

AliasingCurve alias_under_attack(const Path& folder, Subject& subject, const Dataset& data, std::span<const int64_t> indices,
                                 const UnderAttackOptions& options) {
  const int64_t count = std::ssize(indices), inner = subject.image().size();
  require(count > 0, "no images to attack");
  require(count <= kMostInPictures / inner, "{} pictures of {} numbers would be held at once; {} is the most", count, inner,
          kMostInPictures / inner);
  const auto attack = attacks().make(options.attack);
  AliasingCurve curve{origin(options.attack), options.network, options.data, count, {}};
  const Path place = folder / kAliasing, file = place / kAliasingCurveFile;
  make_folder(place);
  if (std::filesystem::exists(file)) {
    const AliasingCurve begun = record_from_json<AliasingCurve>(read_json(file), file.string());
    require(begun.attack == curve.attack && begun.network == curve.network && begun.data == curve.data && begun.images == curve.images,
            "{}: a curve of {} images of {}, {}, is there already; take another folder", file.string(), begun.images, begun.data,
            begun.attack);
    curve.points = begun.points;
  }

  Tensor x({count, subject.image()[0], subject.image()[1], subject.image()[2]});
  read_batch(data, indices, 0, x.span(), {}, {});
  std::vector<int64_t> labels;
  for (const int64_t i : indices) labels.push_back(data.label(i));
  for (const double epsilon : options.epsilons) {
    if (!curve.points.empty() && epsilon <= curve.points.back().epsilon) continue;
    const double radius[] = {epsilon};
    const AttackResult found =
        attack->perform(subject, {x, labels, indices}, {}, radius, {.independent = true, .seed = options.seed, .stop = options.stop});
    AliasingCurvePoint point;
    point.epsilon = epsilon;
    int64_t right = 0, top5 = 0;
    for (const Outcome& o : found.radius.front()) {
      right += o.exact.correct;
      top5 += o.exact.top5;
    }
    point.accuracy = static_cast<double>(right) / static_cast<double>(count);
    if (subject.classes() > 5) point.top5_accuracy = static_cast<double>(top5) / static_cast<double>(count);

    const Path own = place / "under-attack" / fmt::format("{}", epsilon);
    const AliasingImages pictures{
        {indices.begin(), indices.end()},
        labels,
        [&](int64_t first, std::span<float> to) { std::copy_n(found.x.row(first).begin(), to.size(), to.begin()); },
        options.data};
    const Aliased aliased = alias_into(own, subject, pictures, {.network = options.network, .map_images = 0});
    measure(AliasingNumbers(own / kAliasing, aliased.record), point);
    curve.points.push_back(point);
    write_json(file, fields_to_json(curve));
    if (options.done) options.done(point);
  }
  return curve;
}

}  // namespace convscope
