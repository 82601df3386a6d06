#include "convscope/report/evaluation/fourier_figure.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/report/draw/heat_map.h"
#include "convscope/report/draw/line_plot.h"
#include "convscope/results/result.h"

namespace convscope {

namespace {

HeatMap map_of(std::string name, const std::vector<std::vector<double>>& values) {
  require(!values.empty() && !values.front().empty(), "no map of frequencies to draw");
  HeatMap map{.name = std::move(name),
              .rows = std::ssize(values),
              .columns = std::ssize(values.front()),
              .down = "waves down",
              .right = "waves across"};
  for (const std::vector<double>& row : values) {
    require(std::ssize(row) == map.columns, "a map of frequencies with rows of {} and {}", map.columns, row.size());
    map.values.insert(map.values.end(), row.begin(), row.end());
  }
  return map;
}

HeatMap error_map(const FourierErrors& f) {
  HeatMap map = map_of("wrong under noise of a frequency", f.errors);
  map.low_label = "0 %";
  map.high_label = "100 %";
  return map;
}

HeatMap energy_map(const FourierErrors& f) {
  HeatMap map = map_of("energy of the gradient", f.gradient_energy);
  double largest = 0, smallest = 1;
  for (const double v : map.values) {
    if (!(v > 0)) continue;
    largest = std::max(largest, v);
    smallest = std::min(smallest, v);
  }
  if (largest == 0) largest = smallest = 1;  // no gradient at all
  constexpr double kDecades = 4;
  map.high = std::log10(largest);
  map.low = std::max(std::log10(smallest), map.high - kDecades);
  for (double& v : map.values) v = v > 0 ? std::log10(v) : kUnknown;
  map.low_label = three_digits(100 * std::pow(10, map.low)) + " % of it";
  map.high_label = three_digits(100 * largest) + " %";
  return map;
}

}  // namespace

Figure fourier_figure(const FourierErrors& f, std::string_view title) {
  const HeatMap maps[] = {error_map(f), energy_map(f)};
  const std::string below = fmt::format("{} images, noise of norm {} in each channel; wrong without noise {}, mean {}", f.images,
                                        three_digits(f.norm), percent_text(100 * f.clean_error), percent_text(100 * f.mean_error));
  return heat_maps(maps, {.name = fmt::format("Frequencies: {}", title), .title = std::string(title), .below = {below}});
}

void write_fourier_figure(const Path& folder, const FourierErrors& f, std::string_view title) {
  write_figure(folder, "fourier", fourier_figure(f, title));
  std::string csv = "down,across,error,gradient_energy\n";
  const int64_t down = std::ssize(f.errors) / 2, across = std::ssize(f.errors.front()) / 2;
  for (int64_t i = 0; i < std::ssize(f.errors); ++i)
    for (int64_t j = 0; j < std::ssize(f.errors[static_cast<size_t>(i)]); ++j)
      csv += fmt::format("{},{},{},{}\n", i - down, j - across, f.errors[static_cast<size_t>(i)][static_cast<size_t>(j)],
                         f.gradient_energy[static_cast<size_t>(i)][static_cast<size_t>(j)]);
  write_file(folder / "fourier.csv", csv);
}

}  // namespace convscope
