#include "convscope/api/corruptions.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "convscope/api/evaluation_place.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/json_file.h"
#include "convscope/base/text.h"
#include "convscope/base/timer.h"
#include "convscope/data/cifar_c.h"
#include "convscope/data/concatenated.h"
#include "convscope/data/corrupted.h"
#include "convscope/report/evaluation/corruption_figures.h"
#include "convscope/results/consistency_record.h"
#include "convscope/results/run_folder.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

/** What is looked at: the clean pictures, then each corruption at each severity. */
struct Ways {
  std::vector<std::shared_ptr<const Dataset>> data;
  std::vector<CorruptionPoint> points;  // of all but the first
};

Ways ways_of(const Pictures& pictures, const CorruptionOptions& options, const Setting& setting) {
  const auto clean = pictures.dataset();
  const auto published = options.cifar_c.empty() ? nullptr : std::make_unique<PublishedCorruptions>(options.cifar_c);
  const std::vector<std::string> names = options.corruptions.empty() || (published && options.corruptions == "all")
                                             ? published->names()
                                             : parse_corruptions(options.corruptions);
  check_corruptible(clean->image_shape());
  Ways ways{{clean}, {}};
  for (const std::string& name : names)
    for (const int64_t severity : options.chosen_severities()) {
      ways.data.push_back(published ? published->of(name, severity, clean)
                                    : std::make_shared<const Corrupted>(clean, name, severity, setting.seed));
      CorruptionPoint& point = ways.points.emplace_back();
      point.name = name;
      point.severity = severity;
      point.kind = kind_name(corruptions().make(name)->kind());
    }
  return ways;
}

using Taken = std::function<bool(const CorruptionPoint&)>;

/** [N] share of right answers of each image over some of the ways; `right` has them one after the other, the clean pictures first. */
std::vector<double> shares_right(std::span<const uint8_t> right, const std::vector<CorruptionPoint>& points, int64_t images,
                                 const Taken& taken) {
  std::vector<double> shares(static_cast<size_t>(images));
  int64_t count = 0;
  for (size_t k = 0; k < points.size(); ++k) {
    if (!taken(points[k])) continue;
    ++count;
    for (size_t i = 0; i < shares.size(); ++i) shares[i] += right[(k + 1) * shares.size() + i];
  }
  for (double& s : shares) s /= static_cast<double>(std::max<int64_t>(1, count));
  return shares;
}

Taken is_called(const std::string& name) {
  return [name](const CorruptionPoint& p) { return p.name == name; };
}

/** Values of a field, each once, in the order in which they come. */
template <typename T>
std::vector<T> distinct(const std::vector<CorruptionPoint>& points, T CorruptionPoint::*field) {
  std::vector<T> all;
  for (const CorruptionPoint& p : points)
    if (std::find(all.begin(), all.end(), p.*field) == all.end()) all.push_back(p.*field);
  return all;
}

/** Where pictures that are made here come from, and why figures of them are not those of the published arrays. */
std::string made_here(const std::vector<CorruptionPoint>& points, const Shape& image) {
  constexpr int64_t kDefined = 32;  // rows and columns of the pictures that lengths are told for
  std::string from = "made here, by the published definition and a seed of our own";
  if (std::any_of(points.begin(), points.end(), [](const CorruptionPoint& p) { return p.name == "frost"; }))
    from += "; frost of textures of our own, milder than the published";
  if (const int64_t shorter = std::min(image[1], image[2]); shorter != kDefined)
    from += fmt::format("; lengths in pixels times {:.3g}", static_cast<double>(shorter) / kDefined);
  return from;
}

void sum_up(CorruptionsRecord& record, std::span<const uint8_t> right) {
  const auto& points = record.corruptions;
  const auto extra = [](const CorruptionPoint& p) { return p.kind == "extra"; };
  const bool some_count = !std::all_of(points.begin(), points.end(), extra);
  const auto counts = [&](const CorruptionPoint& p) { return !some_count || !extra(p); };
  const auto mean = [&](std::string name, const Taken& taken) {
    const MeanOfImages m = mean_of_images(shares_right(right, points, record.images, taken));
    return CorruptionMean{std::move(name), m.value, m.interval_95};
  };
  const CorruptionMean all = mean("", counts);
  record.mean_accuracy = all.accuracy;
  record.mean_interval_95 = all.interval_95;
  for (const std::string& name : distinct(points, &CorruptionPoint::name)) record.means.push_back(mean(name, is_called(name)));
  for (const std::string& kind : distinct(points, &CorruptionPoint::kind))
    record.kinds.push_back(mean(kind, [&](const auto& p) { return p.kind == kind; }));
  const std::vector<int64_t> severities = distinct(points, &CorruptionPoint::severity);
  for (const int64_t severity : severities)
    record.severities.push_back(
        mean(fmt::format("severity {}", severity), [&](const auto& p) { return p.severity == severity && counts(p); }));
  std::set<std::string> names;
  for (const CorruptionPoint& p : points)
    if (counts(p)) names.insert(p.name);
  record.mean_over = fmt::format("{} corruptions, severities {}", names.size(), join(severities, ", "));
}

/** One of more corruptions is not lost to one of fewer. */
void require_no_fewer(const Path& file, const CorruptionsRecord& now, const Setting& setting) {
  if (setting.force || !std::filesystem::exists(file)) return;
  const Json before = read_json(file);
  const size_t had = before.contains("corruptions") ? before["corruptions"].size() : 0;
  require(had <= now.corruptions.size(),
          "{}: it is of {} corruptions and severities, and would be replaced by one of {}; `force` replaces it, another `out` keeps both",
          file.string(), had, now.corruptions.size());
}

}  // namespace

std::vector<int64_t> CorruptionOptions::chosen_severities() const {
  constexpr int64_t kAny = 1000;  // which of them there are is said below
  const std::vector<int64_t> all = parse_numbers(severities, kAny, "`severities`");
  for (const int64_t severity : all) {
    require_use(severity >= 1 && severity <= kSeverities, "`severities` {}: {}; 1 to {} were wanted", severities, severity, kSeverities);
    require_use(std::count(all.begin(), all.end(), severity) == 1, "`severities` {}: {} stands there twice", severities, severity);
  }
  return all;
}

void CorruptionOptions::check() const {
  if (!corruptions.empty()) (void)parse_corruptions(corruptions);
  (void)chosen_severities();
}

CorruptedPictures evaluate_corrupted(const Network& network, const Pictures& pictures, const CorruptionOptions& options, const Path& folder,
                                     const Setting& setting, int64_t batch) {
  options.check();
  require_use(options.asked(), "`corruptions` is missing: all, or names with + between them");
  require_use(batch >= 1, "`batch` {}: at least 1 was wanted", batch);
  check_pictures(network, pictures);
  require(!pictures.labels().empty(), "accuracies of pictures whose classes nobody knows; `data` has some");
  Json asked = fields_to_json(options);
  asked["batch"] = batch;
  CorruptionsRecord record;
  record.came_from(provenance_of(network, pictures, std::move(asked), setting));
  Ways ways = ways_of(pictures, options, setting);
  record.corruptions = std::move(ways.points);
  const bool root = setting.ranks->is_root();
  if (!folder.empty() && root) {
    require_evaluation_place(folder / kCorruptionsFile, record, setting);
    require_no_fewer(folder / kCorruptionsFile, record, setting);
  }
  record.source = options.cifar_c.empty() ? made_here(record.corruptions, network.image())
                                          : "published arrays in " + std::filesystem::absolute(options.cifar_c).string();
  record.images = pictures.size();
  setting.tell(fmt::format("{} corruptions and severities of {} images, {}", record.corruptions.size(), record.images, record.source));

  const Timer timer;
  const auto all = std::make_shared<Concatenated>(std::move(ways.data));
  require_alike_question(*setting.ranks, record, *all);
  Evaluator evaluator(network.graph, network.weights(), all, setting.execution, batch);
  evaluator.share_out(setting.ranks);
  (void)evaluator.run(setting.progress);
  const std::span<const uint8_t> right = evaluator.right();
  const auto count = [&](size_t way) {
    const auto part = right.subspan(way * static_cast<size_t>(record.images), static_cast<size_t>(record.images));
    return std::accumulate(part.begin(), part.end(), int64_t{0});
  };
  const auto share = [&](int64_t correct) { return static_cast<double>(correct) / static_cast<double>(record.images); };
  record.clean_accuracy = share(count(0));
  record.clean_interval_95 = wilson_interval(count(0), record.images);
  for (size_t k = 0; k < record.corruptions.size(); ++k) {
    CorruptionPoint& point = record.corruptions[k];
    point.correct = count(k + 1);
    point.total = record.images;
    point.accuracy = share(point.correct);
    point.accuracy_interval_95 = wilson_interval(point.correct, point.total);
  }
  sum_up(record, right);
  record.seconds = timer.seconds();
  record = record_of_root(*setting.ranks, record);
  if (!root) return {std::move(record), {}, {}};
  const auto shares = [&](const Taken& taken) { return shares_right(right, record.corruptions, record.images, taken); };
  CorruptedPictures found{record, shares([](const CorruptionPoint&) { return true; }), {}};
  for (const CorruptionMean& mean : record.means) found.right_by_corruption.push_back(shares(is_called(mean.name)));
  if (folder.empty()) return found;
  make_folder(folder);
  write_json(folder / kCorruptionsFile, fields_to_json(record));
  write_corruption_figure(folder / kFigures, record);
  return found;
}

}  // namespace convscope
