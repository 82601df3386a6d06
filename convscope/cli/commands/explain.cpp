#include "convscope/cli/commands/explain.h"

#include <cmath>
#include <numeric>

#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/report/attribution/attribution_sheet.h"
#include "convscope/report/page/page.h"
#include "convscope/report/page/section.h"
#include "convscope/results/question.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

std::string shown(const AttributionRecord& record) {
  TextTable table({"image", "of", "scale", ""}, {});
  for (const AttributionMap& map : record.maps) {
    table.row({map.source.empty() ? fmt::format("{} {}", map.image, map.label) : map.source, said_of_map(record, map),
               scale_text(record, map), map.superpixels > 0 ? fit_text(map) : completeness_text(map)});
  }
  return table.text() + about_maps(record) + "\n";
}

std::string interval_text(const MapQuality& q) {
  return q.interval.size() == 2 ? fmt::format("{} to {}", quality_number(q.interval[0]), quality_number(q.interval[1])) : "";
}

std::string memory_text(const MapCost& cost) { return std::isfinite(cost.memory) ? bytes_text(static_cast<int64_t>(cost.memory)) : "–"; }

/** Each measure beside its controls. */
std::string quality_shown(const AttributionRecord& record) {
  TextTable table({"measure", "better", "value", "95 % interval", "noise", "centre", "random network", "verdict", "passes", "seconds"},
                  {2, 3, 4, 5, 6, 8, 9});
  for (const MapQuality& q : *record.quality)
    table.row({q.metric, q.better, quality_number(q.value), interval_text(q), quality_number(q.controls.random),
               quality_number(q.controls.centre), quality_number(q.controls.random_network), q.verdict, std::to_string(q.passes),
               fmt::format("{:.1f}", q.seconds)});
  std::string curves;
  for (const MapQuality& q : *record.quality)
    if (!q.curve.empty()) curves += fmt::format("{} {}\n", q.metric, curve_text(q));
  return fmt::format(
      "\n{}{}: {}\n{}the maps took {:.0f} passes of an image forwards, {:.0f} of them with slopes, {:.3g} seconds, and {} of memory\n",
      table.text(), record.method, quality_text(*record.quality), curves, record.cost->forward, record.cost->backward, record.cost->seconds,
      memory_text(*record.cost));
}

/** Methods that were checked on the same images of the same network, where there are several. */
std::string compared_shown(const Path& out, const AttributionRecord& record) {
  std::vector<AttributionRecord> all;
  for (const Path& file : records_in(out / kAttributions, kAttributionFile)) {
    auto other = read_record<AttributionRecord>(file);
    if (other.quality && other.cost && same_origin(other, record) && other.data.digest == record.data.digest)
      all.push_back(std::move(other));
  }
  if (all.size() < 2) return "";
  std::vector<const AttributionRecord*> checked{&record};  // whose measures and boxes count
  for (const AttributionRecord& one : all) checked.push_back(&one);
  const std::vector<const MapQuality*> measures = measures_of(checked);
  std::vector<std::string> heading{"method"};
  for (const MapQuality* measure : measures) heading.push_back(measure->metric);
  heading.insert(heading.end(), {"passes", "seconds", "memory"});
  std::vector<size_t> right(heading.size() - 1);
  std::iota(right.begin(), right.end(), size_t{1});
  TextTable table(heading, right);
  for (const AttributionRecord& other : all) {
    std::vector<std::string> cells{other.method};
    for (const MapQuality* measure : measures) {
      const MapQuality* q = measured_alike(other, *measure, checked);
      const bool no_better = q && (q->verdict.starts_with("no better") || q->verdict.starts_with("hardly"));
      cells.push_back(q ? quality_number(q->value) + (no_better ? "*" : "") : "–");
    }
    cells.push_back(fmt::format("{:.0f}", other.cost->forward));
    cells.push_back(fmt::format("{:.3g}", other.cost->seconds));
    cells.push_back(memory_text(*other.cost));
    table.row(std::move(cells));
  }
  return "\n" + table.text() + "*: no better than a control, or hardly changing with the weights; –: not measured, or by other boxes\n";
}

}  // namespace

void ExplainCommand::declare(Flags& flags) {
  flags.member("METHOD", method_, "a member of `convscope list attribution`, with its options: occlusion,window=6", attributions().names());
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(pictures_);
  flags.fields(place_);
  flags.fields(options_);
  flags.fields(foreign_);
  flags.fields(replacing_);
}

std::vector<std::string> ExplainCommand::about() const {
  return {
      "Draws which pixels a number of the network depends on. Maps with a sign are blue below zero and red above; others go from black to "
      "yellow; gradient-image of images in colour is in colour. Beside the maps stands what they are of, what their colours mean and what "
      "a "
      "picture makes of several channels; a map that is zero everywhere is said to be so.",
      "Beside the pictures lie the maps as .npy, a sheet, and report.html.",
      "--check tells how good the maps are: what the network's answer does as the pixels go that they name (deletion, insertion, ROAD, "
      "infidelity, faithfulness correlation), whether they stay under little noise and change with the weights, how sparse they are; each "
      "beside "
      "noise, a Gaussian in the middle, and the same method on a network of drawn weights. A method that is no better is said to be so; "
      "methods "
      "that were checked on the same images stand in one table."};
}

std::vector<std::string> ExplainCommand::examples() const {
  return {"convscope explain gradient-x-input runs/fashion --images 0-7",
          "convscope explain integrated-gradients,steps=20 runs/fashion --tolerance 1%",
          "convscope explain grad-cam resnet20.th --model resnet20 --normalize imagenet --data cifar10 --node layer2.2.relu2 --out /tmp/x",
          "convscope explain layer-cam runs/fashion --node relu2,relu3,relu4",
          "convscope explain lrp,composite=epsilon-gamma-box mobilenet_v2.onnx --normalize imagenet --image cat.jpg --out /tmp/x",
          "convscope explain gradient-x-input runs/fashion --limit 32 --check",
          "convscope explain occlusion resnet20.th --model resnet20 --normalize imagenet --data cifar10 --images 3,8 --out /tmp/x"};
}

std::vector<Mode> ExplainCommand::modes() const {
  const std::vector<std::string> all =
      flags_among({{"out"}, flags_of<ExplainOptions>(), flags_of<NetworkOptions>(), flags_of<Replacing>()});
  return {{"pictures of a data set", flags_among({all, {"data", "split", "images", "limit"}})},
          {"files (--image)", flags_among({all, {"image"}})}};
}

size_t ExplainCommand::mode(const Flags& flags) const { return flags.given("image") ? 1 : 0; }

ExitStatus ExplainCommand::run(const Session& session) {
  const Choice method = parse_choice(method_.front());
  // Several nodes are a sweep: the same question at each.
  std::vector<ExplainOptions> sweep;
  for (const std::string_view node : split(options_.node, ',')) {
    sweep.push_back(options_);
    sweep.back().node = std::string(node);
    check_options([&] { check_question(method, sweep.back()); });
  }
  Setting setting = session.setting();
  setting.force = replacing_.force;
  const Network network = told(open_network(network_.front(), foreign_));
  const Path out = folder_of_results(place_.out, network);
  const int64_t usual = place_.limit.value_or(kUsualPictures);
  const Pictures pictures = at_most(place_.limit.value_or(0), pictures_or_files(pictures_, network, setting, usual));
  std::vector<AttributionRecord> records;
  for (const ExplainOptions& options : sweep) records.push_back(explain(network, method, pictures, options, out, setting).record);
  if (!session.ranks->is_root()) return ExitStatus::done;  // the root has the folder
  write_report(out);

  Json all = json_list();
  for (const AttributionRecord& record : records) {
    const Path folder = attribution_folder(out, record);
    if (session.common.json) {
      Json with_paths = fields_to_json(record);
      with_paths["array"] = (folder / record.array).string();
      for (Json& map : with_paths["maps"])
        for (const char* file : {"input", "png", "npy"}) map[file] = (folder / map[file].get<std::string>()).string();
      all.push_back(std::move(with_paths));
    } else {
      print(shown(record));
      if (record.quality) print(quality_shown(record) + compared_shown(out, record));
      print(fmt::format("maps and sheet: {}\n", folder.string()));
    }
  }
  if (session.common.json)
    print_json(all.size() == 1 ? all.front() : Json{{"sweep", std::move(all)}});
  else
    print(fmt::format("report: {}\n", (out / kReportFile).string()));
  return ExitStatus::done;
}

std::vector<FieldHelp> ExplainCommand::json_keys() const {
  std::vector<FieldHelp> keys = help<AttributionRecord>();
  keys.push_back({"sweep", "", "of several nodes (`--node A,B`) instead of all others: such a record for each"});
  return keys;
}

}  // namespace convscope
