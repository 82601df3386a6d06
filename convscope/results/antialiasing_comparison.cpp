#include "convscope/results/antialiasing_comparison.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "convscope/results/bootstrap.h"
#include "convscope/results/paired_difference.h"
#include "convscope/results/spread.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

using Row = AntialiasingRow;
constexpr std::string_view kReference = "plain";

/** A number of a network as each of its images has it. */
struct OfImage {
  double Row::*number;
  bool yes_or_no;
  double (*value)(std::span<const float> columns);
};

template <size_t kColumn>
double column(std::span<const float> columns) {
  return kColumn < columns.size() ? columns[kColumn] : kUnknown;
}

constexpr OfImage kOfImage[] = {
    {&Row::accuracy, true, [](std::span<const float> c) { return c[Row::kFate] == Row::kWrong ? 0.0 : 1.0; }},
    {&Row::crop, false, column<Row::kCropsAgree>},
    {&Row::circular, false, column<Row::kStays>},
    {&Row::worst, true, [](std::span<const float> c) { return c[Row::kStays] == 1 ? 1.0 : 0.0; }},
    {&Row::fgsm, true, column<Row::kRightUnderFgsm>},
    {&Row::pgd, true, [](std::span<const float> c) { return c[Row::kFate] == Row::kRight ? 1.0 : 0.0; }},
    {&Row::autoattack, true, column<Row::kRightUnderAutoattack>},
    {&Row::corrupted, false, column<Row::kRightCorrupted>},
    {&Row::folded_energy, false, column<Row::kEnergy>},
};

/** Rows of a way beside those of the reference, seed by seed. */
std::vector<std::pair<const Row*, const Row*>> pairs_of(const AntialiasingRecord& record, std::string_view downsample) {
  std::vector<std::pair<const Row*, const Row*>> all;
  for (const Row* row : record.of(downsample))
    for (const Row* plain : record.of(kReference))
      if (plain->seed == row->seed) all.emplace_back(row, plain);
  return all;
}

std::optional<Tensor> array_beside(const Path& folder, const std::string& name) {
  if (name.empty() || !std::filesystem::exists(folder / name)) return {};
  return read_npy(folder / name);
}

void interval_over_images(DifferenceToPlain& d, const OfImage& of, const Tensor& own, const Tensor& plain) {
  require(own.shape()[0] == plain.shape()[0], "images of {} networks are not the same: {} and {} of them", kReference, own.shape()[0],
          plain.shape()[0]);
  std::vector<double> differences;
  PairedCounts counts;
  for (int64_t n = 0; n < own.shape()[0]; ++n) {
    require(own.row(n)[Row::kNumber] == plain.row(n)[Row::kNumber], "image {} of one network is {}, of the other {}; the same were wanted",
            n, own.row(n)[Row::kNumber], plain.row(n)[Row::kNumber]);
    const double a = of.value(own.row(n)), b = of.value(plain.row(n));
    if (std::isnan(a) || std::isnan(b)) continue;
    differences.push_back(a - b);
    ++(a > b ? counts.first_alone : a < b ? counts.second_alone : counts.both);
  }
  if (differences.size() < 2) return;
  const bool none_differs = counts.both == counts.total();
  if (of.yes_or_no) d.p = mcnemar_p(counts);
  if (of.yes_or_no || none_differs) {
    d.interval_95 = paired_interval(counts);
  } else {
    const Spread spread = spread_of(differences, kDifferences);
    d.interval_95 = {spread.interval_95[0], spread.interval_95[1]};
  }
}

double error_of(const Row& row, const std::string& corruption) {
  const auto found = std::find_if(row.corruption_errors.begin(), row.corruption_errors.end(),
                                  [&](const CorruptionError& e) { return e.name == corruption; });
  return found == row.corruption_errors.end() ? kUnknown : found->error;
}

double mean_error(const std::vector<const Row*>& rows, const std::string& corruption) {
  double sum = 0;
  for (const Row* row : rows) sum += error_of(*row, corruption);
  return sum / static_cast<double>(rows.size());  // NaN of none
}

/** [images, corruptions], the mean over trainings; none where one has no array. */
std::optional<Tensor> mean_of_arrays(const std::vector<const Row*>& rows, const Path& folder) {
  std::optional<Tensor> mean;
  for (const Row* row : rows) {
    const std::optional<Tensor> one = array_beside(folder, row->per_image_corrupted);
    if (!one) return {};
    if (!mean) mean = Tensor(one->shape());
    require(one->shape() == mean->shape(), "{}: {}; {} was wanted, as that of another training", row->per_image_corrupted, one->shape(),
            mean->shape());
    for (int64_t i = 0; i < one->size(); ++i) (*mean)[i] += (*one)[i] / static_cast<float>(rows.size());
  }
  return mean;
}

std::array<double, 2> interval_of_ratio(const std::vector<const Row*>& rows, const std::vector<const Row*>& plain, const Path& folder) {
  const std::optional<Tensor> own = mean_of_arrays(rows, folder), reference = mean_of_arrays(plain, folder);
  if (!own || !reference) return {kUnknown, kUnknown};
  require(own->shape() == reference->shape(), "{}: {}; {} was wanted, as that of {}", rows.front()->per_image_corrupted, own->shape(),
          reference->shape(), kReference);
  const auto corruptions = static_cast<size_t>(own->shape()[1]);
  return bootstrap_interval_95(own->shape()[0], [&](std::span<const int64_t> places) {
    std::vector<double> above(corruptions), below(corruptions);
    for (const int64_t n : places)
      for (size_t c = 0; c < corruptions; ++c) {
        above[c] += own->row(n)[c];
        below[c] += reference->row(n)[c];
      }
    double sum = 0;
    for (size_t c = 0; c < corruptions; ++c) sum += above[c] / below[c];
    return sum / static_cast<double>(corruptions);
  });
}

}  // namespace

DifferenceToPlain difference_to_plain(const AntialiasingRecord& record, std::string_view downsample, double Row::*number,
                                      const Path& folder) {
  if (downsample == kReference) return {};
  std::vector<double> differences;
  std::pair<const Row*, const Row*> last;
  for (const auto& [row, plain] : pairs_of(record, downsample)) {
    const double difference = row->*number - plain->*number;
    if (std::isnan(difference)) continue;
    differences.push_back(difference);
    last = {row, plain};
  }
  if (differences.empty()) return {};
  const Spread spread = spread_of(differences, kDifferences);
  DifferenceToPlain d;
  d.value = spread.mean;
  d.trainings = std::ssize(differences);
  if (d.trainings > 1) {
    d.interval_95 = {spread.interval_95[0], spread.interval_95[1]};
    return d;
  }
  const auto of = std::find_if(std::begin(kOfImage), std::end(kOfImage), [&](const OfImage& o) { return o.number == number; });
  const std::optional<Tensor> own = array_beside(folder, last.first->per_image), plain = array_beside(folder, last.second->per_image);
  if (of != std::end(kOfImage) && own && plain) interval_over_images(d, *of, *own, *plain);
  return d;
}

AntialiasingNumber mean_corruption_error(const AntialiasingRecord& record, std::string_view downsample, const Path& folder) {
  const std::vector<const Row*> rows = record.of(downsample), plain = record.of(kReference);
  if (rows.empty()) return {};
  std::vector<double> ratios, references;
  std::vector<std::string> names;
  for (const CorruptionError& e : rows.front()->corruption_errors) {
    names.push_back(e.name);
    references.push_back(mean_error(plain, e.name));
    ratios.push_back(mean_error(rows, e.name) / references.back());
  }
  AntialiasingNumber n{.value = spread_of(ratios).mean, .trainings = std::ssize(rows)};
  if (!std::isfinite(n.value)) return {};
  std::vector<double> added;
  for (const auto& [row, reference] : pairs_of(record, downsample)) {
    double sum = 0;
    for (size_t c = 0; c < names.size(); ++c)
      sum += (error_of(*row, names[c]) - ratios[c] * error_of(*reference, names[c])) / references[c];
    added.push_back(sum / static_cast<double>(names.size()));
  }
  if (added.size() < 2) {
    if (rows.size() == 1 && plain.size() == 1) n.interval_95 = interval_of_ratio(rows, plain, folder);
    return n;
  }
  const std::vector<double> around = spread_of(added).interval_95;
  const double reach = (around[1] - around[0]) / 2;
  n.interval_95 = {std::max(0.0, n.value - reach), n.value + reach};
  return n;
}

}  // namespace convscope
