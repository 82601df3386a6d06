#include "convscope/cli/commands/explain.h"

#include <cmath>

#include "convscope/cli/output.h"
#include "convscope/data/locate.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/report/attribution_sheet.h"
#include "convscope/report/page.h"
#include "convscope/study/explain_into.h"
#include "convscope/subject/network_subject.h"

namespace convscope {

namespace {

/** "1%" or "0.01". */
double share_of(std::string text) {
  const bool hundredths = text.ends_with('%');
  if (hundredths) text.pop_back();
  const auto share = value_of<double>(text);
  require(share && *share > 0, "--tolerance '{}': a share such as 1% or 0.01 was wanted", text);
  return hundredths ? *share / 100 : *share;
}

std::string shown(const AttributionRecord& record) {
  TextTable table({"image", "target", "confidence", "scale", "gap"}, {2});
  for (const AttributionMap& map : record.maps) {
    const std::string gap =
        std::isnan(map.completeness_gap) ? "" : fmt::format("{:.2g} of {:.3g} ({} steps)", map.completeness_gap, map.difference, map.steps);
    table.row({map.source.empty() ? fmt::format("{} {}", map.image, map.label) : map.source,
               std::isnan(map.confidence) ? map.target : map.name, std::isnan(map.confidence) ? "" : percent(map.confidence),
               scale_text(map, record.sign), gap});
  }
  return table.text();
}

}  // namespace

void ExplainCommand::declare(Flags& flags) {
  flags.argument("METHOD", method_, "a member of `convscope list attribution`, with its options: occlusion,window=6");
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(pictures_);
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> ExplainCommand::about() const {
  return {
      "Draws which pixels a number of the network depends on. Maps with a sign are blue below zero and red above; others go from black to "
      "yellow. Under each picture stands what its colours mean; a map that is zero everywhere is said to be so.",
      "Beside the pictures lie the maps as .npy, a sheet, and report.html."};
}

std::vector<std::string> ExplainCommand::examples() const {
  return {"convscope explain gradient-x-input runs/fashion --images 0-7",
          "convscope explain integrated-gradients,steps=20 runs/fashion --tolerance 1%",
          "convscope explain occlusion resnet20.th --model resnet20 --normalize imagenet --data cifar10 --images 3,8 --out /tmp/x"};
}

ExitStatus ExplainCommand::run(const Session& session) {
  ExplainOptions asked{.method = parse_choice(method_.front())};
  if (!options_.tolerance.empty()) {
    require(asked.method.name == "integrated-gradients", "--tolerance is for integrated-gradients; '{}' promises no completeness",
            asked.method.name);
    asked.method.options["tolerance"] = share_of(options_.tolerance);
  }
  (void)attributions().make(asked.method);  // a wrong one is told before anything is read
  const Network network = open_network(network_.front(), foreign_);
  const Path out = folder_of_results(options_.out, network_.front());
  const Pictures pictures = choose_pictures(pictures_, network, data_roots(session.common.data_root));
  NetworkSubject subject(
      network.graph, network.weights(),
      {.batch = options_.batch > 0 ? options_.batch : usual_batch(network.image()), .precision = precision_of(session.common.precision)});
  asked.network = network.name;
  asked.run = network_.front();
  asked.target = options_.target;
  asked.of = options_.of;
  asked.colour_scale = options_.colour_scale;
  asked.seed = static_cast<uint64_t>(session.common.seed);
  const AttributionRecord record = explain_into(out, subject, pictures, asked);
  write_report(out);

  const Path folder = attribution_folder(out, record);
  if (session.common.json) {
    Json with_paths = fields_to_json(record);
    for (Json& map : with_paths["maps"])
      for (const char* file : {"input", "png", "npy"}) map[file] = (folder / map[file].get<std::string>()).string();
    print_json(with_paths);
  } else {
    print(shown(record));
    print(fmt::format("maps and sheet: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> ExplainCommand::json_keys() const { return help<AttributionRecord>(); }

}  // namespace convscope
