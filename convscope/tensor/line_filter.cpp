#include "convscope/tensor/line_filter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convscope/base/join.h"

namespace convscope {

namespace {

constexpr int64_t kLargestBlur = 7;
constexpr std::string_view kEdges[] = {"reflect", "replicate", "zero", "circular"};

int64_t modulo(int64_t i, int64_t extent) { return (i % extent + extent) % extent; }

/** Which sample stands at place i, −1 where none does. */
int64_t sample_at(int64_t i, int64_t extent, std::string_view edge) {
  if (i >= 0 && i < extent) return i;
  if (edge == "zero") return -1;
  if (edge == "replicate") return std::clamp<int64_t>(i, 0, extent - 1);
  if (edge == "circular") return modulo(i, extent);
  const int64_t period = std::max<int64_t>(1, 2 * (extent - 1)), place = modulo(i, period);
  return place < extent ? place : period - place;
}

/** A matrix whose rows come one by one, as dense lines. */
class ByRows {
 public:
  explicit ByRows(int64_t columns) : line_(static_cast<size_t>(columns)) { matrix_.columns = columns; }
  double& operator[](int64_t place) { return line_[static_cast<size_t>(place)]; }
  void end_row() {
    for (size_t i = 0; i < line_.size(); ++i) {
      if (line_[i] == 0) continue;
      matrix_.places.push_back(static_cast<int64_t>(i));
      matrix_.weights.push_back(std::exchange(line_[i], 0.0));
    }
    matrix_.begins.push_back(static_cast<int64_t>(matrix_.places.size()));
  }
  LineMatrix matrix() && { return std::move(matrix_); }

 private:
  LineMatrix matrix_;
  std::vector<double> line_;
};

int64_t step_of(const LineFilterOptions& o) { return o.dense ? 1 : o.rate; }

/** The same window of weights around each sample. */
class WindowFilter : public LineFilter {
 public:
  using Options = NoOptions;
  struct Window {
    int64_t before = 0;  // taps before the sample
    std::vector<double> weights;
  };

  LineMatrix matrix(const LineFilterOptions& o, int64_t extent) const override {
    Window w = window(o);
    double sum = 0;
    for (const double weight : w.weights) sum += weight;
    ByRows rows(extent);
    for (int64_t at = 0; at < extent; at += step_of(o)) {
      for (size_t t = 0; t < w.weights.size(); ++t) {
        const int64_t place = sample_at(at - w.before + static_cast<int64_t>(t), extent, o.edge);
        if (place >= 0) rows[place] += w.weights[t] / sum;
      }
      rows.end_row();
    }
    return std::move(rows).matrix();
  }

 protected:
  virtual Window window(const LineFilterOptions& o) const = 0;
};

class Plain : public WindowFilter {
 public:
  explicit Plain(Options) {}

 protected:
  Window window(const LineFilterOptions&) const override { return {0, {1}}; }
};

class Blur : public WindowFilter {
 public:
  explicit Blur(Options) {}

 protected:
  Window window(const LineFilterOptions& o) const override {
    std::vector<double> row{1};
    for (int64_t n = 1; n < o.size; ++n) {
      row.push_back(0);
      for (size_t i = row.size() - 1; i > 0; --i) row[i] += row[i - 1];
    }
    return {(o.size - 1) / 2, row};
  }
};

class Area : public WindowFilter {
 public:
  explicit Area(Options) {}

 protected:
  Window window(const LineFilterOptions& o) const override { return {0, std::vector<double>(static_cast<size_t>(o.rate), 1.0)}; }
};

class Lanczos : public WindowFilter {
 public:
  explicit Lanczos(Options) {}

 protected:
  Window window(const LineFilterOptions& o) const override {
    constexpr double kLobes = 3;
    const double rate = static_cast<double>(o.rate), middle = (rate - 1) / 2, reach = kLobes * rate;
    const auto sinc = [](double d) { return d == 0 ? 1 : std::sin(std::numbers::pi * d) / (std::numbers::pi * d); };
    const int64_t first = static_cast<int64_t>(std::floor(middle - reach)) + 1, last = static_cast<int64_t>(std::ceil(middle + reach)) - 1;
    std::vector<double> weights;
    for (int64_t i = first; i <= last; ++i) {
      const double d = static_cast<double>(i) - middle;
      weights.push_back(sinc(d / rate) * sinc(d / reach));
    }
    return {-first, weights};
  }
};

/** Each term of the line's Fourier series below half of the new rate times a gain; the inverse transform is taken at the samples that stay.
 */
class SeriesFilter : public LineFilter {
 public:
  using Options = NoOptions;
  LineMatrix matrix(const LineFilterOptions& o, int64_t extent) const override {
    const double turn = 2 * std::numbers::pi / static_cast<double>(extent);
    std::vector<double> weights;  // by how far a sample is from the one that stays
    for (int64_t apart = 0; apart < extent; ++apart) {
      double sum = gain(0);
      for (int64_t k = 1; 2 * o.rate * k < extent; ++k)
        sum += 2 * gain(turn * static_cast<double>(k)) * std::cos(turn * static_cast<double>(k * apart % extent));
      weights.push_back(sum / static_cast<double>(extent));
    }
    ByRows rows(extent);
    for (int64_t at = 0; at < extent; at += step_of(o)) {
      for (int64_t place = 0; place < extent; ++place) rows[place] = weights[static_cast<size_t>(modulo(at - place, extent))];
      rows.end_row();
    }
    return std::move(rows).matrix();
  }

 protected:
  /** Of the term that turns by that angle from sample to sample; 1 at 0. */
  virtual double gain(double angle) const = 0;
};

class Flc : public SeriesFilter {
 public:
  explicit Flc(Options) {}

 protected:
  double gain(double) const override { return 1; }
};

class Asap : public SeriesFilter {
 public:
  explicit Asap(Options) {}

 protected:
  double gain(double angle) const override { return std::sqrt(0.54 + 0.46 * std::cos(angle)); }
};

}  // namespace

void LineFilterOptions::check(std::string_view whose) const {
  constexpr int64_t kLargestRate = 1024;
  require(line_filters().has(filter), "{}: no filter '{}'{}", whose, filter, known_names(filter, line_filters().names()));
  require(size >= 1 && size <= kLargestBlur, "{}: size {}; 1 to {} are possible", whose, size, kLargestBlur);
  require(std::find(std::begin(kEdges), std::end(kEdges), edge) != std::end(kEdges),
          "{}: edge '{}'; reflect, replicate, zero or circular was wanted", whose, edge);
  require(rate >= 1 && rate <= kLargestRate, "{}: rate {}; 1 to {} are possible", whose, rate, kLargestRate);
}

LineMatrix LineMatrix::transposed() const {
  LineMatrix t;
  t.columns = rows();
  t.begins.assign(static_cast<size_t>(columns) + 1, 0);
  for (const int64_t place : places) ++t.begins[static_cast<size_t>(place) + 1];
  for (size_t i = 1; i < t.begins.size(); ++i) t.begins[i] += t.begins[i - 1];
  t.places.resize(places.size());
  t.weights.resize(places.size());
  std::vector<int64_t> next(t.begins.begin(), t.begins.end() - 1);
  for (int64_t row = 0; row < rows(); ++row)
    for (int64_t i = begins[static_cast<size_t>(row)]; i < begins[static_cast<size_t>(row) + 1]; ++i) {
      const size_t to = static_cast<size_t>(next[static_cast<size_t>(places[static_cast<size_t>(i)])]++);
      t.places[to] = row;
      t.weights[to] = weights[static_cast<size_t>(i)];
    }
  return t;
}

std::vector<double> LineMatrix::dense() const {
  std::vector<double> all(static_cast<size_t>(rows() * columns), 0.0);
  for (int64_t row = 0; row < rows(); ++row)
    for (int64_t i = begins[static_cast<size_t>(row)]; i < begins[static_cast<size_t>(row) + 1]; ++i)
      all[static_cast<size_t>(row * columns + places[static_cast<size_t>(i)])] += weights[static_cast<size_t>(i)];
  return all;
}

int64_t kept_samples(int64_t extent, int64_t rate) { return (extent + rate - 1) / rate; }

LineMatrix line_matrix(const LineFilterOptions& options, int64_t extent) {
  return line_filters().make(options.filter)->matrix(options, extent);
}

LineMatrix moved_line(int64_t extent, double distance) {
  ByRows rows(extent);
  const double turn = 2 * std::numbers::pi / static_cast<double>(extent);
  for (int64_t at = 0; at < extent; ++at) {
    for (int64_t place = 0; place < extent; ++place) {
      const double apart = static_cast<double>(at - place) - distance;
      double sum = 1;
      for (int64_t k = 1; 2 * k < extent; ++k) sum += 2 * std::cos(turn * static_cast<double>(k) * apart);
      // The term that changes its sign from sample to sample has no place between them: what is left of it is its projection.
      if (extent % 2 == 0) sum += std::cos(std::numbers::pi * static_cast<double>(at - place)) * std::cos(std::numbers::pi * distance);
      rows[place] = sum / static_cast<double>(extent);
    }
    rows.end_row();
  }
  return std::move(rows).matrix();
}

std::vector<double> filtered_plane(const LineMatrix& down, const LineMatrix& across, std::span<const float> x) {
  const size_t width = static_cast<size_t>(across.columns), columns = static_cast<size_t>(across.rows());
  std::vector<double> y(static_cast<size_t>(down.rows()) * columns), line(width);
  for (size_t i = 0; i < static_cast<size_t>(down.rows()); ++i) {
    std::fill(line.begin(), line.end(), 0.0);
    for (size_t a = static_cast<size_t>(down.begins[i]); a < static_cast<size_t>(down.begins[i + 1]); ++a) {
      const float* row = x.data() + static_cast<size_t>(down.places[a]) * width;
      for (size_t j = 0; j < width; ++j) line[j] += down.weights[a] * row[j];
    }
    for (size_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (size_t b = static_cast<size_t>(across.begins[j]); b < static_cast<size_t>(across.begins[j + 1]); ++b)
        sum += across.weights[b] * line[static_cast<size_t>(across.places[b])];
      y[i * columns + j] = sum;
    }
  }
  return y;
}

const Table<LineFilter>& line_filters() {
  static const Table<LineFilter> table{"filter",
                                       {
                                           entry<Plain, LineFilter>("plain", "every rate-th sample as it is"),
                                           entry<Blur, LineFilter>("blur", "a binomial window"),
                                           entry<Area, LineFilter>("area", "the mean of rate samples"),
                                           entry<Lanczos, LineFilter>("lanczos", "a windowed sinc of three lobes"),
                                           entry<Flc, LineFilter>("flc", "the ideal low pass"),
                                           entry<Asap, LineFilter>("asap", "the ideal low pass behind a window over frequencies"),
                                       }};
  return table;
}

}  // namespace convscope
