#include "convscope/api/consistency.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/json_file.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"
#include "convscope/report/evaluation/consistency_figure.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/question.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/spread.h"
#include "convscope/tensor/line_filter.h"

namespace convscope {

namespace {

constexpr int64_t kFarthest = 1024;

/** Which row, or column, of the picture stands at each of the moved one's. */
using Places = std::vector<int64_t>;

Places in_a_circle(int64_t extent, int64_t by) {
  Places all;
  for (int64_t i = 0; i < extent; ++i) all.push_back(((i - by) % extent + extent) % extent);
  return all;
}

/** A window of the picture between its reflections. */
Places between_reflections(int64_t extent, int64_t by) {
  const int64_t period = std::max<int64_t>(1, 2 * (extent - 1));
  Places all;
  for (int64_t i = 0; i < extent; ++i) {
    const int64_t place = ((i - by) % period + period) % period;
    all.push_back(place < extent ? place : period - place);
  }
  return all;
}

void move_picture(std::span<const float> from, std::span<float> to, const Shape& image, const Places& rows, const Places& columns) {
  const int64_t height = image[1], width = image[2];
  for (int64_t c = 0; c < image[0]; ++c)
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j)
        to[static_cast<size_t>((c * height + i) * width + j)] =
            from[static_cast<size_t>((c * height + rows[static_cast<size_t>(i)]) * width + columns[static_cast<size_t>(j)])];
}

/** What a network says of some pictures. */
struct Answers {
  std::vector<int64_t> classes;
  Tensor confidences;  // [N, Y]
};

/** Some pictures that lie in memory, and what is found of them. */
class Batch {
 public:
  Batch(Subject& subject, Tensor x) : subject_(subject), x_(std::move(x)), moved_(x_.shape()) { before_ = asked(x_); }

  int64_t size() const { return x_.shape()[0]; }
  const Answers& before() const { return before_; }

  /** Each picture by its own rows and columns: `places(n)` gives both. */
  Answers moved(const std::function<std::pair<Places, Places>(int64_t)>& places) {
    parallel(size(), 8, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        const auto [rows, columns] = places(n);
        move_picture(x_.row(n), moved_.row(n), subject_.image(), rows, columns);
      }
    });
    return asked(moved_);
  }

  Answers filtered(const LineMatrix& down, const LineMatrix& across) {
    const Shape& s = x_.shape();
    const size_t plane = static_cast<size_t>(s[2] * s[3]);
    parallel(s[0] * s[1], 8, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const std::vector<double> y = filtered_plane(down, across, x_.span().subspan(static_cast<size_t>(p) * plane, plane));
        std::transform(y.begin(), y.end(), moved_.span().begin() + p * static_cast<int64_t>(plane),
                       [](double v) { return static_cast<float>(v); });
      }
    });
    return asked(moved_);
  }

 private:
  Answers asked(const Tensor& x) {
    Answers a;
    const Tensor logits = subject_.logits(x);
    for (int64_t n = 0; n < x.shape()[0]; ++n) a.classes.push_back(argmax(logits.row(n)));
    a.confidences = softmax(logits);
    return a;
  }

  Subject& subject_;
  Tensor x_, moved_;
  Answers before_;
};

/** A number for each image and each thing that was measured. */
struct Findings {
  std::vector<double> crop, circular, worst, half_pixel, right, right_shifted, right_always, change, half_change;
  std::vector<double> by_draw;                // counts, until all are divided by the images
  std::vector<std::vector<double>> by_shift;  // likewise

  std::array<std::vector<double>*, 9> of_images() {
    return {&crop, &circular, &worst, &half_pixel, &right, &right_shifted, &right_always, &change, &half_change};
  }
  std::vector<std::vector<double>*> counts() {
    std::vector<std::vector<double>*> all{&by_draw};
    for (std::vector<double>& row : by_shift) all.push_back(&row);
    return all;
  }
};

/** As bytes; `add_from` puts those of later images behind. */
std::string bytes_of_findings(Findings& found) {
  std::vector<std::string> lists;
  for (const std::vector<double>* list : found.of_images()) lists.push_back(text_of(std::span<const double>(*list)));
  for (const std::vector<double>* list : found.counts()) lists.push_back(text_of(std::span<const double>(*list)));
  return packed(lists);
}

void add_from(std::string_view bytes, Findings& to) {
  const std::vector<std::string> lists = unpacked(bytes);
  size_t at = 0;
  const auto next = [&] { return values_in<double>(lists[at++]); };
  for (std::vector<double>* list : to.of_images()) {
    const std::vector<double> more = next();
    list->insert(list->end(), more.begin(), more.end());
  }
  for (std::vector<double>* list : to.counts()) {
    const std::vector<double> more = next();
    for (size_t i = 0; i < more.size(); ++i) (*list)[i] += more[i];
  }
}

class Measurement {
 public:
  Measurement(Subject& subject, const Pictures& pictures, const ShiftOptions& o, const Setting& setting)
      : subject_(subject), pictures_(pictures), o_(o), setting_(setting), labels_(pictures.labels()), samples_(pictures.samples()) {
    for (int64_t by = -(o.shifts / o.shift_step) * o.shift_step; by <= o.shifts; by += o.shift_step) shifts_.push_back(by);
    found_.by_draw.assign(static_cast<size_t>(o.shift_draws), 0);
    found_.by_shift.assign(shifts_.size(), std::vector<double>(shifts_.size(), 0));
  }

  Findings run() {
    const Shape image = subject_.image();
    const int64_t count = pictures_.size();
    if (setting_.progress) setting_.progress(0, asks() * count);
    const int64_t most = subject_.batch();
    const Findings nothing = found_;
    Findings all = found_;
    std::set<int64_t> own;  // pieces of this rank
    const auto look = [&](int64_t piece) {
      found_ = nothing;
      first_ = piece * most;
      own.insert(piece);
      Tensor x({std::min(most, count - first_), image[0], image[1], image[2]});
      pictures_.fill(first_, x.span());
      Batch batch(subject_, std::move(x));
      circles(batch);
      crops(batch);
      half_pixels(batch);
      done(batch.size(), 1);
      return bytes_of_findings(found_);
    };
    Ranks& ranks = *setting_.ranks;
    in_order(ranks, (count + most - 1) / most, look, [&](int64_t piece, std::string_view found) {
      add_from(found, all);
      if (!own.contains(piece)) done(std::min(most, count - piece * most), asks());  // another rank's
    });
    for (std::vector<double>* counts : all.counts())
      for (double& share : *counts) share /= static_cast<double>(count);
    return all;
  }

 private:
  /** Answers to each picture. */
  int64_t asks() const { return std::ssize(shifts_) * std::ssize(shifts_) - 1 + 2 * o_.shift_draws + 3 + 1; }

  void done(int64_t pictures, int64_t answers) {
    done_ += pictures * answers;
    if (setting_.progress) setting_.progress(done_, asks() * pictures_.size());
  }

  int64_t label(int64_t n) const { return labels_.empty() ? -1 : labels_[static_cast<size_t>(first_ + n)]; }

  static double change(const Batch& batch, const Answers& now, int64_t n) {
    const size_t said = static_cast<size_t>(batch.before().classes[static_cast<size_t>(n)]);
    return std::abs(static_cast<double>(now.confidences.row(n)[said]) - batch.before().confidences.row(n)[said]);
  }

  void circles(Batch& batch) {
    const size_t count = static_cast<size_t>(batch.size());
    const double shifts = static_cast<double>(shifts_.size() * shifts_.size());
    std::vector<double> same(count), always(count, 1), right(count), right_always(count, 1), changed(count);
    for (size_t i = 0; i < shifts_.size(); ++i)
      for (size_t j = 0; j < shifts_.size(); ++j) {
        const bool unmoved = shifts_[i] == 0 && shifts_[j] == 0;
        const Places rows = in_a_circle(subject_.image()[1], shifts_[i]), columns = in_a_circle(subject_.image()[2], shifts_[j]);
        const Answers now = unmoved ? batch.before() : batch.moved([&](int64_t) { return std::pair(rows, columns); });
        for (size_t n = 0; n < count; ++n) {
          const int64_t place = static_cast<int64_t>(n);
          const bool stays = now.classes[n] == batch.before().classes[n], is_right = now.classes[n] == label(place);
          same[n] += stays;
          right[n] += is_right;
          changed[n] += change(batch, now, place) / shifts;
          if (!stays) always[n] = 0;
          if (!is_right) right_always[n] = 0;
          found_.by_shift[i][j] += stays;
        }
        if (!unmoved) done(batch.size(), 1);
      }
    // Counts until here: all of them are exactly 1.
    for (size_t n = 0; n < count; ++n) {
      same[n] /= shifts;
      right[n] /= shifts;
    }
    const auto append = [](std::vector<double>& all, const std::vector<double>& more) { all.insert(all.end(), more.begin(), more.end()); };
    append(found_.circular, same);
    append(found_.worst, always);
    append(found_.right_shifted, right);
    append(found_.right_always, right_always);
    append(found_.change, changed);
    for (size_t n = 0; n < count; ++n) found_.right.push_back(batch.before().classes[n] == label(static_cast<int64_t>(n)));
  }

  /** Two windows of each picture, each anywhere within the distance. */
  void crops(Batch& batch) {
    const RandomStream random(setting_.seed, "shift crops");
    const auto drawn = [&](int64_t n, int64_t draw, int64_t which) {
      const uint64_t sample = static_cast<uint64_t>(samples_[static_cast<size_t>(first_ + n)]),
                     bound = static_cast<uint64_t>(2 * o_.shifts + 1);
      const auto offset = [&](int64_t axis) {
        return static_cast<int64_t>(random.below(bound, sample, static_cast<uint64_t>(4 * draw + 2 * which + axis))) - o_.shifts;
      };
      return std::pair(between_reflections(subject_.image()[1], offset(0)), between_reflections(subject_.image()[2], offset(1)));
    };
    std::vector<double> same(static_cast<size_t>(batch.size()));
    for (int64_t draw = 0; draw < o_.shift_draws; ++draw) {
      const Answers one = batch.moved([&](int64_t n) { return drawn(n, draw, 0); }),
                    other = batch.moved([&](int64_t n) { return drawn(n, draw, 1); });
      for (size_t n = 0; n < same.size(); ++n) {
        const bool stays = one.classes[n] == other.classes[n];
        same[n] += stays;
        found_.by_draw[static_cast<size_t>(draw)] += stays;
      }
      done(batch.size(), 2);
    }
    for (double& share : same) share /= static_cast<double>(o_.shift_draws);
    found_.crop.insert(found_.crop.end(), same.begin(), same.end());
  }

  void half_pixels(Batch& batch) {
    const Shape image = subject_.image();
    constexpr int kMoves = 3;  // down, right, both
    std::vector<double> same(static_cast<size_t>(batch.size())), changed(same.size());
    for (const auto& [down, right] : {std::pair{0.5, 0.0}, {0.0, 0.5}, {0.5, 0.5}}) {
      const Answers now = batch.filtered(moved_line(image[1], down), moved_line(image[2], right));
      for (size_t n = 0; n < same.size(); ++n) {
        same[n] += now.classes[n] == batch.before().classes[n];
        changed[n] += change(batch, now, static_cast<int64_t>(n)) / kMoves;
      }
      done(batch.size(), 1);
    }
    for (double& share : same) share /= kMoves;
    found_.half_pixel.insert(found_.half_pixel.end(), same.begin(), same.end());
    found_.half_change.insert(found_.half_change.end(), changed.begin(), changed.end());
  }

  Subject& subject_;
  const Pictures& pictures_;
  const ShiftOptions& o_;
  const Setting& setting_;
  std::vector<int64_t> labels_, samples_, shifts_;
  Findings found_;
  int64_t first_ = 0, done_ = 0;
};

double mean_where(const std::vector<double>& values, const std::vector<int64_t>& labels, int64_t y) {
  double sum = 0;
  int64_t count = 0;
  for (size_t n = 0; n < values.size(); ++n) {
    if (labels[n] != y) continue;
    sum += values[n];
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : kUnknown;
}

Consistency summed_up(const Findings& f, const Pictures& pictures, const ShiftOptions& o) {
  Consistency c;
  c.images = pictures.size();
  c.shift = o.shifts;
  c.step = o.shift_step;
  c.draws = o.shift_draws;
  const auto put = [](const std::vector<double>& values, double& value, std::array<double, 2>& interval) {
    const MeanOfImages m = mean_of_images(values);
    value = m.value;
    interval = m.interval_95;
  };
  const auto put_share = [](const std::vector<double>& values, double& value, std::array<double, 2>& interval) {
    const int64_t yes = std::count(values.begin(), values.end(), 1.0);
    value = static_cast<double>(yes) / static_cast<double>(values.size());
    interval = wilson_interval(yes, std::ssize(values));
  };
  put(f.crop, c.crop, c.crop_interval_95);
  put(f.circular, c.circular, c.circular_interval_95);
  put(f.half_pixel, c.half_pixel, c.half_pixel_interval_95);
  put(f.change, c.confidence_change, c.confidence_change_interval_95);
  put_share(f.worst, c.worst, c.worst_interval_95);
  c.crop_deviation = spread_of(f.by_draw).deviation;
  c.half_pixel_confidence_change = spread_of(f.half_change).mean;
  c.by_shift = f.by_shift;
  const std::vector<int64_t> labels = pictures.labels();
  if (labels.empty()) return c;
  c.accuracy = spread_of(f.right).mean;
  c.shifted_accuracy = spread_of(f.right_shifted).mean;
  put_share(f.right_always, c.worst_accuracy, c.worst_accuracy_interval_95);
  for (int64_t y = 0; y < std::ssize(pictures.classes()); ++y) {
    const int64_t count = std::count(labels.begin(), labels.end(), y);
    if (count == 0) continue;
    c.classes.push_back({pictures.classes()[static_cast<size_t>(y)], count, mean_where(f.crop, labels, y),
                         mean_where(f.circular, labels, y), mean_where(f.worst, labels, y), mean_where(f.right_always, labels, y)});
  }
  return c;
}

}  // namespace

void check_shifts(const ShiftOptions& o) {
  require_use(o.shifts >= 0 && o.shifts <= kFarthest, "`shifts` {}: 0 to {} pixels were wanted", o.shifts, kFarthest);
  require_use(o.shift_draws >= 1, "`shift_draws` {}: at least 1 was wanted", o.shift_draws);
  require_use(o.shift_step >= 1, "`shift_step` {}: at least 1 was wanted", o.shift_step);
  require_use(o.shifts % o.shift_step == 0, "`shift_step` {}: a divisor of `shifts` {} was wanted, or the farthest shifts are left out",
              o.shift_step, o.shifts);
}

MovedPictures measure_consistency(const Network& network, const Pictures& pictures, const ShiftOptions& options, const Path& folder,
                                  const Setting& setting) {
  check_shifts(options);
  require_use(options.shifts >= 1, "`shifts` {}: at least 1 pixel was wanted", options.shifts);
  require(pictures.size() > 0, "no pictures to move");
  check_pictures(network, pictures);
  MovedPictures record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, record, *pictures.dataset());
  if (!folder.empty() && ranks.is_root()) require_no_loss(folder / kConsistency, record, setting.force);
  NetworkSubject subject = subject_of(network, setting);
  const Findings found = Measurement(subject, pictures, options, setting).run();
  if (!ranks.is_root()) return record_of_root(ranks, record);
  record.consistency = summed_up(found, pictures, options);
  record.circular_by_image = found.circular;
  record.crop_by_image = found.crop;
  (void)record_of_root(ranks, record);
  if (folder.empty()) return record;
  make_folder(folder);
  write_json(folder / kConsistency, fields_to_json(record));
  write_consistency_figure(folder / kFigures, record.consistency, fmt::format("{} on {}", record.network.name, record.data.text()));
  return record;
}

}  // namespace convscope
