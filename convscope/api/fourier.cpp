#include "convscope/api/fourier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/json_file.h"
#include "convscope/base/random.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"
#include "convscope/report/evaluation/fourier_figure.h"
#include "convscope/results/question.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

using Map = std::vector<std::vector<double>>;

/** Waves down and across the picture. */
struct Frequency {
  int64_t down, across;
};

double usual_norm(const Shape& image) {
  const double side = std::sqrt(static_cast<double>(image[1] * image[2]));
  return side <= 64 ? 4 * side / 32 : 15.7 * side / 224;
}

/** As many frequencies as a grid of that size has, and the picture: the one at half of its rate has no mirror image. */
int64_t grid_of(int64_t wanted, int64_t extent) { return std::min(wanted, (extent - 1) / 2 * 2 + 1); }

/** The cosine of that frequency over a plane, of norm 1. */
std::vector<float> wave(const Shape& image, Frequency f) {
  const int64_t height = image[1], width = image[2];
  std::vector<double> u;
  double squares = 0;
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j) {
      const double turns =
          static_cast<double>(f.down * i) / static_cast<double>(height) + static_cast<double>(f.across * j) / static_cast<double>(width);
      u.push_back(std::cos(2 * std::numbers::pi * turns));
      squares += u.back() * u.back();
    }
  std::vector<float> all;
  for (const double v : u) all.push_back(static_cast<float>(v / std::sqrt(squares)));
  return all;
}

/** Cosines and sines of some frequencies of a line. */
struct Waves {
  Waves(int64_t samples, int64_t frequencies) : extent(samples), reach((frequencies - 1) / 2) {
    for (int64_t k = -reach; k <= reach; ++k)
      for (int64_t i = 0; i < extent; ++i) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(k * i) / static_cast<double>(extent);
        cosine.push_back(std::cos(angle));
        sine.push_back(std::sin(angle));
      }
  }
  int64_t extent, reach;
  std::vector<double> cosine, sine;
};

/** Adds |DFT|² of a plane at each frequency of the map; what it adds in all is the plane's energy, Σ x², by Parseval. */
void add_energy(std::span<const float> plane, const Waves& down, const Waves& across, double scale, std::vector<double>& map) {
  const int64_t columns = 2 * across.reach + 1;
  std::vector<double> re(static_cast<size_t>(columns)), im(re.size()), row_re(static_cast<size_t>(down.extent * columns)),
      row_im(row_re.size());
  for (int64_t i = 0; i < down.extent; ++i)
    for (int64_t k = 0; k < columns; ++k) {
      double c = 0, s = 0;
      for (int64_t j = 0; j < across.extent; ++j) {
        const double x = plane[static_cast<size_t>(i * across.extent + j)];
        c += x * across.cosine[static_cast<size_t>(k * across.extent + j)];
        s -= x * across.sine[static_cast<size_t>(k * across.extent + j)];
      }
      row_re[static_cast<size_t>(i * columns + k)] = c;
      row_im[static_cast<size_t>(i * columns + k)] = s;
    }
  for (int64_t u = 0; u < 2 * down.reach + 1; ++u) {
    std::fill(re.begin(), re.end(), 0.0);
    std::fill(im.begin(), im.end(), 0.0);
    for (int64_t i = 0; i < down.extent; ++i) {
      const double c = down.cosine[static_cast<size_t>(u * down.extent + i)], s = -down.sine[static_cast<size_t>(u * down.extent + i)];
      for (size_t k = 0; k < re.size(); ++k) {
        const size_t at = static_cast<size_t>(i * columns) + k;
        re[k] += c * row_re[at] - s * row_im[at];
        im[k] += c * row_im[at] + s * row_re[at];
      }
    }
    for (size_t k = 0; k < re.size(); ++k)
      map[static_cast<size_t>(u * columns) + k] +=
          scale * (re[k] * re[k] + im[k] * im[k]) / static_cast<double>(down.extent * across.extent);
  }
}

/** Mean over the pictures of the share of their slope's energy that each frequency has. */
Map gradient_energy(Subject& subject, const Pictures& pictures, int64_t rows, int64_t columns) {
  const Shape image = subject.image();
  const Waves down(image[1], rows), across(image[2], columns);
  const std::vector<int64_t> labels = pictures.labels();
  const size_t plane = static_cast<size_t>(image[1] * image[2]);
  std::vector<double> map(static_cast<size_t>(rows * columns), 0);
  int64_t counted = 0;
  for (int64_t first = 0; first < pictures.size(); first += subject.batch()) {
    Tensor x({std::min(subject.batch(), pictures.size() - first), image[0], image[1], image[2]});
    pictures.fill(first, x.span());
    const std::span<const int64_t> targets = std::span(labels).subspan(static_cast<size_t>(first), static_cast<size_t>(x.shape()[0]));
    const Slope slope = subject.slope(x, {.of = Objective::Of::loss}, targets);
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      double all = 0;
      for (const float g : slope.gradient.row(n)) all += static_cast<double>(g) * g;
      if (!(all > 0) || !std::isfinite(all)) continue;  // a slope of nothing has no frequencies
      ++counted;
      for (int64_t c = 0; c < image[0]; ++c)
        add_energy(slope.gradient.row(n).subspan(static_cast<size_t>(c) * plane, plane), down, across, 1 / all, map);
    }
  }
  Map shares(static_cast<size_t>(rows), std::vector<double>(static_cast<size_t>(columns)));
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      shares[static_cast<size_t>(i)][static_cast<size_t>(j)] =
          map[static_cast<size_t>(i * columns + j)] / static_cast<double>(std::max<int64_t>(1, counted));
  return shares;
}

class Measurement {
 public:
  Measurement(Subject& subject, const Pictures& pictures, const Setting& setting, double norm)
      : subject_(subject), pictures_(pictures), setting_(setting), norm_(norm), labels_(pictures.labels()), samples_(pictures.samples()) {}

  double clean_error() {
    return error([](int64_t, std::span<float>) {});
  }

  double error_at(Frequency f) {
    const std::vector<float> u = wave(subject_.image(), f);
    const RandomStream signs(setting_.seed, fmt::format("fourier {} {}", f.down, f.across));
    return error([&](int64_t n, std::span<float> x) {
      const uint64_t sample = static_cast<uint64_t>(samples_[static_cast<size_t>(n)]);
      for (size_t c = 0; c * u.size() < x.size(); ++c) {
        const float size = static_cast<float>((signs.bits(sample, c) & 1) != 0 ? norm_ : -norm_);
        const std::span<float> plane = x.subspan(c * u.size(), u.size());
        for (size_t i = 0; i < u.size(); ++i) plane[i] = std::clamp(plane[i] + size * u[i], 0.0f, 1.0f);
      }
    });
  }

 private:
  /** Share of wrong answers where `change` was done to each picture. */
  double error(const std::function<void(int64_t n, std::span<float> x)>& change) {
    const Shape image = subject_.image();
    int64_t wrong = 0;
    for (int64_t first = 0; first < pictures_.size(); first += subject_.batch()) {
      Tensor x({std::min(subject_.batch(), pictures_.size() - first), image[0], image[1], image[2]});
      pictures_.fill(first, x.span());
      parallel(x.shape()[0], 8, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin; n < end; ++n) change(first + n, x.row(n));
      });
      const std::vector<int64_t> said = predicted(subject_, x);
      for (size_t n = 0; n < said.size(); ++n) wrong += said[n] != labels_[static_cast<size_t>(first) + n];
    }
    return static_cast<double>(wrong) / static_cast<double>(pictures_.size());
  }

  Subject& subject_;
  const Pictures& pictures_;
  const Setting& setting_;
  double norm_;
  std::vector<int64_t> labels_, samples_;
};

/** What an earlier run of the same question left, if its map has that size. */
std::optional<FourierErrors> earlier(const Path& file, const FourierRecord& now, int64_t rows, int64_t columns) {
  const std::optional<Provenance> origin = origin_in(file);
  if (!origin || !same_origin(*origin, now) || origin->options != now.options || origin->seed != now.seed ||
      origin->data.count != now.data.count)
    return std::nullopt;
  FourierErrors f = provided_record<FourierRecord>(read_json(file), file.string()).fourier;
  const bool fits = std::ssize(f.errors) == rows &&
                    std::all_of(f.errors.begin(), f.errors.end(), [&](const auto& r) { return std::ssize(r) == columns; });
  if (!fits || std::ssize(f.gradient_energy) != rows) return std::nullopt;
  return f;
}

void write_arrays(const Path& folder, const FourierErrors& f) {
  const auto write = [&](std::string_view file, const Map& map) {
    Tensor t({std::ssize(map), std::ssize(map.front())});
    int64_t at = 0;
    for (const auto& row : map)
      for (const double v : row) t[at++] = static_cast<float>(v);
    write_npy(folder / file, t);
  };
  write(kFourierArray, f.errors);
  write(kFourierGradientArray, f.gradient_energy);
}

}  // namespace

void check_fourier(const FourierOptions& o) {
  require_use(o.fourier_norm >= 0 && std::isfinite(o.fourier_norm), "`fourier_norm` {}: a positive number was wanted, or 0",
              o.fourier_norm);
  require_use(o.fourier_grid >= 1 && o.fourier_grid <= 511 && o.fourier_grid % 2 == 1,
              "`fourier_grid` {}: an odd number up to 511 was wanted", o.fourier_grid);
  require_use(o.fourier_images >= 0, "`fourier_images` {}: 0 or more were wanted", o.fourier_images);
}

FourierRecord measure_fourier(const Network& network, const Pictures& asked, const FourierOptions& options, const Path& folder,
                              const Setting& setting) {
  check_fourier(options);
  const Pictures pictures =
      options.fourier_images > 0 && asked.size() > options.fourier_images ? asked.first(options.fourier_images) : asked;
  if (pictures.size() < asked.size())
    setting.tell(fmt::format("frequencies are laid on the first {} of {} images (`fourier_images`)", pictures.size(), asked.size()));
  require(pictures.size() > 0 && !pictures.labels().empty(), "errors are counted against labels; these pictures have none");
  check_pictures(network, pictures);
  const Shape image = network.image();
  const int64_t rows = grid_of(options.fourier_grid, image[1]), columns = grid_of(options.fourier_grid, image[2]);
  FourierRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  FourierErrors& f = record.fourier;
  NetworkSubject subject = subject_of(network, setting);
  const Path file = folder / kFourier;
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, record, *pictures.dataset());
  const bool root = ranks.is_root(), writes = root && !folder.empty();
  std::optional<FourierErrors> before;
  if (writes && !setting.force) before = earlier(file, record, rows, columns);
  f.images = pictures.size();
  f.norm = options.fourier_norm > 0 ? options.fourier_norm : usual_norm(image);
  f.total = (rows * columns + 1) / 2;
  Measurement measurement(subject, pictures, setting, f.norm);
  if (before) {
    f = *before;
    if (f.done < f.total)
      setting.tell(fmt::format("{}: {} of {} frequencies are known; it goes on from there", file.string(), f.done, f.total));
  } else if (root) {
    if (writes) require_no_loss(file, record, setting.force);
    f.clean_error = measurement.clean_error();
    f.gradient_energy = gradient_energy(subject, pictures, rows, columns);
    f.errors.assign(static_cast<size_t>(rows), std::vector<double>(static_cast<size_t>(columns), kUnknown));
  }

  if (writes) make_folder(folder);
  const auto keep = [&] {
    sum_up(f);
    if (writes) write_json(file, fields_to_json(record));
  };
  constexpr double kSecondsBetween = 15;
  Timer since;
  if (setting.progress) setting.progress(f.done, f.total);
  const int64_t down = (rows - 1) / 2, across = (columns - 1) / 2;
  std::vector<std::array<int64_t, 2>> left;  // frequencies that nobody knows yet, which the root alone can tell
  if (root)
    for (int64_t v = 0; v <= across; ++v)
      for (int64_t u = v == 0 ? 0 : -down; u <= down; ++u)
        if (std::isnan(f.errors[static_cast<size_t>(down + u)][static_cast<size_t>(across + v)])) left.push_back({u, v});
  left = parse_json(ranks.from_root(Json(left).dump()), "the root's frequencies").get<std::vector<std::array<int64_t, 2>>>();
  const auto look = [&](int64_t piece) {
    const auto [u, v] = left[static_cast<size_t>(piece)];
    const double error = measurement.error_at({u, v});
    return text_of(std::span<const double>(&error, 1));
  };
  in_order(ranks, std::ssize(left), look, [&](int64_t piece, std::string_view bytes) {
    const auto [u, v] = left[static_cast<size_t>(piece)];
    const double error = values_in<double>(bytes).front();
    f.errors[static_cast<size_t>(down + u)][static_cast<size_t>(across + v)] = error;
    f.errors[static_cast<size_t>(down - u)][static_cast<size_t>(across - v)] = error;
    if (since.seconds() > kSecondsBetween) {
      keep();
      since.restart();
    }
    if (setting.progress) setting.progress(f.total - std::ssize(left) + piece + 1, f.total);
  });
  if (root) keep();
  record = record_of_root(ranks, record);
  if (!writes) return record;
  write_arrays(folder, f);
  write_fourier_figure(folder / kFigures, f, fmt::format("{} on {}", record.network.name, record.data.text()));
  return record;
}

}  // namespace convscope
