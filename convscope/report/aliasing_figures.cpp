#include "convscope/report/aliasing_figures.h"

#include "convscope/report/adversarial_curve.h"
#include "convscope/report/aliasing_category.h"
#include "convscope/report/box_plot.h"
#include "convscope/report/double_pie.h"
#include "convscope/report/frequency_map.h"
#include "convscope/report/section.h"
#include "convscope/report/share_bars.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

/** One of the two ways in which folds are compared. */
struct Scaling {
  const char* name;
  const char* words;
  AliasingShares ScaledShares::*shares;
  FoldScaling folds;
};
constexpr Scaling kScalings[] = {
    {"published", "folds unscaled, as published", &ScaledShares::published, FoldScaling::published},
    {"contribution", "folds scaled as they add up", &ScaledShares::contribution, FoldScaling::contribution},
};

std::string label_of(const AliasingRecord& record, size_t s) {
  const AliasingSignal& signal = record.signals[s];
  const std::string label = short_label(record, s);
  return signal.label == label ? label : fmt::format("{}  {}", label, signal.label);
}

Tensor plane(const Tensor& maps, int64_t scaling) { return Tensor({maps.shape()[1], maps.shape()[2]}, maps.row(scaling)); }

NamedFigure map_figure(const Path& folder, const AliasingRecord& record, size_t s, const AliasingMap& map) {
  const AliasingSignal& signal = record.signals[s];
  const Tensor maps = read_npy(folder / map.npy);
  const Shape wanted{2, signal.rows, signal.columns};
  require(maps.shape() == wanted, "{}: an array {}, {} was wanted", (folder / map.npy).string(), maps.shape(), wanted);
  const FrequencyMap both[] = {{kScalings[0].words, plane(maps, 0)}, {kScalings[1].words, plane(maps, 1)}};
  return {"aliasing-" + Path(map.npy).stem().string(),
          frequency_maps(both, fmt::format("signal {}", label_of(record, s)),
                         fmt::format("image {}, channel {}, {} × {} frequencies", map.image, map.channel, signal.rows, signal.columns))};
}

void add_boxes(const AliasingNumbers& numbers, const std::string& accounting, AliasingView& view) {
  for (const Scaling& scaling : kScalings) {
    std::vector<AliasingShares> correct, wrong;
    for (int64_t n = 0; n < numbers.images(); ++n) {
      const int is = numbers.correct(n);
      if (is == 1) correct.push_back(numbers.of_image(n).*scaling.shares);
      if (is == 0) wrong.push_back(numbers.of_image(n).*scaling.shares);
    }
    if (correct.empty() && wrong.empty()) return;
    view.boxes.push_back(
        {fmt::format("aliasing-right-and-wrong-{}", scaling.name),
         correct_and_wrong(correct, wrong, "images named right and wrong", fmt::format("{}; {}", scaling.words, accounting)),
         correct_and_wrong_csv(correct, wrong)});
  }
}

void add_channels(const Path& folder, AliasingView& view) {
  for (size_t s = 0; s < view.record.signals.size(); ++s) {
    const Path file = folder / channel_shares_file(s);
    if (view.record.saved != "channelwise" || !std::filesystem::exists(file)) continue;
    const std::vector<ScaledShares> shares = channel_shares(file);
    for (const Scaling& scaling : kScalings) {
      std::vector<AliasingShares> own;
      std::string csv = "channel,non_aliased,aliased,tangled,no_pass\n";
      for (const ScaledShares& one : shares) {
        const AliasingShares& c = one.*scaling.shares;
        csv += fmt::format("{},{:.6f},{:.6f},{:.6f},{:.6f}\n", own.size(), c.non_aliased, c.aliased, c.tangled, c.no_pass);
        own.push_back(c);
      }
      view.channels.push_back({fmt::format("aliasing-channels-{:02}-{}", s, scaling.name),
                               channel_bars(own, fmt::format("signal {}, channel by channel", label_of(view.record, s)), scaling.words),
                               csv});
    }
  }
}

}  // namespace

std::string short_label(const AliasingRecord& record, size_t s) {
  constexpr size_t kLongest = 3;
  const std::string& label = record.signals[s].label;
  return label.size() <= kLongest ? label : std::to_string(s + 1);
}

AliasingView aliasing_view(const Path& results) {
  const Path folder = results / kAliasing, file = folder / kAliasingFile;
  AliasingView view;
  view.record = record_from_json<AliasingRecord>(read_result(file), printable(file.string()));
  const AliasingRecord& record = view.record;
  const AliasingNumbers numbers(folder, record);
  const bool legacy = record.accounting == "legacy";
  const auto as_it_is = [](const AliasingShares& s) { return s; };
  view.exclusive = legacy ? numbers.mean(exclusive_of) : numbers.mean(as_it_is);
  view.legacy = legacy ? numbers.mean(as_it_is) : numbers.mean(legacy_of);

  const std::string accounting = record.accounting + " accounting";
  for (const Scaling& scaling : kScalings) {
    std::vector<LayerShares> arcs, rows;
    for (size_t s = 0; s < record.signals.size(); ++s) {
      const AliasingShares& shares = record.signals[s].shares.*scaling.shares;
      arcs.push_back({short_label(record, s), shares});
      rows.push_back({label_of(record, s), shares});
    }
    const std::string below[] = {fmt::format("{}; {}", scaling.words, accounting),
                                 fmt::format("mean of {} images of {}; {} signals", record.images, record.data, record.signals.size())};
    view.pies.push_back({fmt::format("aliasing-pie-{}", scaling.name), double_pie(arcs, record.network, below), layer_shares_csv(rows)});
    view.bars.push_back({fmt::format("aliasing-layers-{}", scaling.name),
                         layer_bars(rows, "signal by signal", fmt::format("{}; percent of its frequencies", scaling.words)),
                         layer_shares_csv(rows)});
  }
  for (size_t s = 0; s < record.signals.size(); ++s)
    for (const AliasingMap& map : record.signals[s].maps) view.maps.push_back(map_figure(folder, record, s, map));
  add_boxes(numbers, accounting, view);
  add_channels(folder, view);

  const Path curve = folder / kAliasingCurveFile;
  if (std::filesystem::exists(curve)) {
    view.curve = record_from_json<AliasingCurve>(read_result(curve), printable(curve.string()));
    if (view.curve->network != record.network) view.curve.reset();  // of one that was looked at before
  }
  if (view.curve) {
    for (const Scaling& scaling : kScalings)
      view.curves.push_back({fmt::format("aliasing-under-attack-{}", scaling.name),
                             adversarial_curve(*view.curve, scaling.folds, "accuracy and aliasing under attack",
                                               fmt::format("{}; {} images; {}", scaling.words, view.curve->images, view.curve->attack)),
                             adversarial_curve_csv(*view.curve)});
  }
  return view;
}

void write_aliasing_figures(const Path& results) {
  const AliasingView view = aliasing_view(results);
  const Path folder = results / kFigures;
  remove_beginning_with(folder, "aliasing-");  // of a network that was looked at before
  for (const auto* list : {&view.pies, &view.bars, &view.maps, &view.boxes, &view.channels, &view.curves})
    for (const NamedFigure& one : *list) {
      write_figure(folder, one.name, one.figure);
      if (!one.csv.empty()) write_file(folder / (one.name + ".csv"), one.csv);
    }
}

}  // namespace convscope
