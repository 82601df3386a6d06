#include "convscope/report/aliasing/aliasing_figures.h"

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/aliasing/aliasing_under_attack.h"
#include "convscope/report/aliasing/frequency_map.h"
#include "convscope/report/aliasing/layer_shares.h"
#include "convscope/report/aliasing/right_and_wrong.h"
#include "convscope/report/draw/double_pie.h"
#include "convscope/report/draw/share_bars.h"
#include "convscope/report/page/section.h"
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

FigureWords words_of(std::string_view what, std::string_view title, std::vector<std::string> below) {
  return {fmt::format("{}: {}", what, title), std::string(title), std::move(below)};
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
  const std::vector<ScaledShares> right = numbers.of_images(1), wrong = numbers.of_images(0);
  if (right.empty() && wrong.empty()) return;
  for (const Scaling& scaling : kScalings) {
    const auto scaled = [&](const std::vector<ScaledShares>& images) {
      std::vector<AliasingShares> all;
      for (const ScaledShares& one : images) all.push_back(one.*scaling.shares);
      return all;
    };
    view.boxes.push_back(
        {fmt::format("aliasing-right-and-wrong-{}", scaling.name),
         right_and_wrong(scaled(right), scaled(wrong), "images named right and wrong", fmt::format("{}; {}", scaling.words, accounting)),
         right_and_wrong_csv(scaled(right), scaled(wrong))});
  }
}

void add_channels(const Path& folder, AliasingView& view) {
  for (size_t s = 0; s < view.record.signals.size(); ++s) {
    const Path file = folder / channel_shares_file(s);
    if (view.record.saved != "channelwise" || !std::filesystem::exists(file)) continue;
    const std::vector<ScaledShares> shares = channel_shares(file);
    for (const Scaling& scaling : kScalings) {
      std::vector<LayerShares> own;
      std::string csv = "channel,non_aliased,aliased,tangled,no_pass\n";
      for (const ScaledShares& one : shares) {
        const AliasingShares& c = one.*scaling.shares;
        csv += fmt::format("{},{:.6f},{:.6f},{:.6f},{:.6f}\n", own.size(), c.non_aliased, c.aliased, c.tangled, c.no_pass);
        own.push_back({"", c});
      }
      view.channels.push_back(
          {fmt::format("aliasing-channels-{:02}-{}", s, scaling.name),
           column_bars(division_of(own), words_of("Shares of frequencies, channel by channel",
                                                  fmt::format("signal {}, channel by channel", label_of(view.record, s)), {scaling.words})),
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

AliasingView aliasing_view(const Path& folder) {
  const Path file = folder / kAliasingFile;
  AliasingView view;
  view.record = read_record<AliasingRecord>(file);
  const AliasingRecord& record = view.record;
  const AliasingNumbers numbers(folder, record);
  const AccountedShares both = in_both_accountings(record, numbers);
  view.exclusive = both.exclusive;
  view.legacy = both.legacy;

  const std::string accounting = record.accounting + " accounting";
  for (const Scaling& scaling : kScalings) {
    std::vector<LayerShares> arcs, rows;
    for (size_t s = 0; s < record.signals.size(); ++s) {
      const AliasingShares& shares = record.signals[s].shares.*scaling.shares;
      arcs.push_back({short_label(record, s), shares});
      rows.push_back({label_of(record, s), shares});
    }
    const std::vector<std::string> below = {
        fmt::format("{}; {}", scaling.words, accounting),
        fmt::format("mean of {} images of {}; {} signals", record.images, record.data.text(), record.signals.size())};
    view.pies.push_back({fmt::format("aliasing-pie-{}", scaling.name),
                         double_pie(division_of(arcs), words_of("Shares of frequencies", record.network.name, below)),
                         layer_shares_csv(rows)});
    view.bars.push_back({fmt::format("aliasing-layers-{}", scaling.name),
                         row_bars(division_of(rows), words_of("Shares of frequencies, layer by layer", "signal by signal",
                                                              {fmt::format("{}; percent of its frequencies", scaling.words)})),
                         layer_shares_csv(rows)});
  }
  for (size_t s = 0; s < record.signals.size(); ++s)
    for (const AliasingMap& map : record.signals[s].maps) view.maps.push_back(map_figure(folder, record, s, map));
  add_boxes(numbers, accounting, view);
  add_channels(folder, view);

  const Path curve = folder / kAliasingCurveFile;
  if (std::filesystem::exists(curve)) {
    view.curve = read_record<AliasingCurve>(curve);
    if (view.curve->network.name != record.network.name) view.curve.reset();  // of one that was looked at before
  }
  if (view.curve) {
    for (const Scaling& scaling : kScalings)
      view.curves.push_back({fmt::format("aliasing-under-attack-{}", scaling.name),
                             aliasing_under_attack(*view.curve, scaling.folds, "accuracy and aliasing under attack",
                                                   fmt::format("{}; {} images; {}", scaling.words, view.curve->images, view.curve->attack)),
                             aliasing_under_attack_csv(*view.curve)});
  }
  return view;
}

void write_aliasing_figures(const Path& place) {
  const AliasingView view = aliasing_view(place);
  const Path folder = (place.filename() == kAliasing ? place.parent_path() : place) / kFigures;
  remove_beginning_with(folder, "aliasing-");  // of a network that was looked at before
  for (const auto* list : {&view.pies, &view.bars, &view.maps, &view.boxes, &view.channels, &view.curves})
    for (const NamedFigure& one : *list) {
      write_figure(folder, one.name, one.figure);
      if (!one.csv.empty()) write_file(folder / (one.name + ".csv"), one.csv);
    }
}

}  // namespace convscope
