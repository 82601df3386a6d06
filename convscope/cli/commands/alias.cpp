#include "convscope/cli/commands/alias.h"

#include "convscope/base/split.h"
#include "convscope/cli/output.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

Rate parse_rate(const std::string& text) {
  const auto parts = split(text, ',');
  const auto rows = value_of<int64_t>(parts.front()), columns = value_of<int64_t>(parts.back());
  require(parts.size() <= 2 && rows && columns, "`rate` '{}': ROWS,COLUMNS was wanted, as 2,2", text);
  return {*rows, *columns};
}

Json counts_to_json(const AliasingCounts& c) {
  return {{"non_aliased", c.non_aliased}, {"aliased", c.aliased}, {"tangled", c.tangled}, {"no_pass", c.no_pass}};
}

std::vector<std::string> cells(std::string first, std::string size, const AliasingShares& published, const AliasingShares& contribution) {
  std::vector<std::string> row{std::move(first), std::move(size)};
  for (const AliasingShares& s : {published, contribution})
    for (const double share : {s.non_aliased, s.aliased, s.tangled, s.no_pass}) row.push_back(fmt::format("{:.1f}", 100 * share));
  return row;
}

TextTable table_with(std::string what) {
  return TextTable(
      {std::move(what), "size", "non-aliased", "aliased", "tangled", "no pass", "| scaled: non-aliased", "aliased", "tangled", "no pass"},
      {2, 3, 4, 5, 6, 7, 8, 9});
}

std::string shown(const AliasingRecord& record) {
  TextTable table = table_with("signal");
  for (const AliasingSignal& s : record.signals)
    table.row(cells(s.label == s.name ? s.name : fmt::format("{} ({})", s.label, s.name),
                    fmt::format("{} × {} × {}", s.channels, s.rows, s.columns), s.shares.published, s.shares.contribution));
  table.row(cells("mean", "", record.mean.published, record.mean.contribution));
  const std::string right = record.labelled > 0 ? fmt::format(", {} of {} named right", record.correct, record.labelled) : "";
  return fmt::format("{} images of {}{}; percent of all frequencies, as published, then with folds scaled as they add up\n{}",
                     record.images, record.data.text(), right, table.text());
}

AliasingShares shares_of(const AliasingCounts& counts) {
  const AliasingFractions f = fractions(counts);
  return {f.non_aliased, f.aliased, f.tangled, f.no_pass};
}

}  // namespace

void AliasCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument) + ", or a model by name, untrained; none with --signal", false);
  flags.value("images", pictures_.images, "numbers of images in the data set: 0,1,7 or 0-15; without it the first --limit");
  flags.fields(pictures_);
  flags.fields(place_);
  flags.fields(options_);
  flags.fields(foreign_);
  flags.fields(replacing_);
}

std::vector<std::string> AliasCommand::about() const {
  return {
      "Where a network drops samples, frequencies fold onto each other. For every node that does, every channel and every frequency: does "
      "the one that belongs there pass alone (non-aliased), another one alone (aliased), several (tangled), or none (no pass)? "
      "Convolutions "
      "are looked at before their batch norm.",
      "A channel's threshold is relative to the largest, or the mean, of its own frequencies, its mean value among them: where that is "
      "large, much counts as no pass. As published, the transform is of the signal with zeros around it, on a grid as many times finer as "
      "samples are dropped: what a sharp border spreads over all frequencies is counted like the rest.",
      "Two answers come from one transform: as published, with folds unscaled, and with each fold scaled as it adds up (a fourth, where "
      "every second row and column stays). Results lie in aliasing/, or in aliasing-QUESTION/ where another question was asked than the "
      "usual one, their pictures in figures/, and report.html shows them."};
}

std::vector<std::string> AliasCommand::examples() const {
  return {"convscope alias runs/oscillations --data oscillations --limit 1000",
          "convscope alias resnet20.th --model resnet20 --normalize imagenet --data cifar10 --out /tmp/x",
          "convscope alias resnet34 --image cat.jpg,dog.jpg --out /tmp/x", "convscope alias --signal x.npy --rate 2,2 --json"};
}

std::vector<Mode> AliasCommand::modes() const {
  const std::vector<std::string> network =
      flags_among({{"out"}, flags_of<AliasOptions>(), flags_of<NetworkOptions>(), flags_of<Replacing>()});
  return {{"a network and data", flags_among({network, {"data", "split", "images", "limit"}})},
          {"a network and files (--image)", flags_among({network, {"image"}})},
          {"--signal", {"signal", "rate", "out", "threshold", "passing-db", "accounting", "save"}}};
}

size_t AliasCommand::mode(const Flags& flags) const { return flags.given("signal") ? 2 : flags.given("image") ? 1 : 0; }

ExitStatus AliasCommand::run(const Session& session) {
  check_options([&] { check_aliasing(options_); });
  if (!place_.signal.empty()) {
    if (!network_.empty()) throw UsageError("alias: a network or a --signal, not both");
    if (options_.save.empty() && !place_.out.empty()) throw UsageError("alias: --out is for what --save keeps of a --signal");
    if (!options_.save.empty() && place_.out.empty()) throw UsageError("alias: --out is missing: a folder for what --save keeps");
    return run_on_signal(session);
  }
  if (network_.empty()) throw UsageError("alias: NET is missing: a network, or an array with --signal");
  return run_on_network(session);
}

ExitStatus AliasCommand::run_on_signal(const Session& session) const {
  const Rate rate = parse_rate(place_.rate);
  const Tensor x = read_npy(place_.signal);
  const std::vector<ChannelAliasing> counts = alias_signal(x, place_.signal, rate, options_, place_.out);
  const Shape& s = x.shape();
  const Accounting accounting = accounting_of(options_.accounting);

  Json document{{"signal", place_.signal},
                {"channels", s[0]},
                {"rows", s[1]},
                {"columns", s[2]},
                {"rate", {rate.rows, rate.columns}},
                {"threshold", options_.threshold},
                {"passing_db", options_.passing_db},
                {"accounting", options_.accounting},
                {"counts", json_list()}};
  TextTable table = table_with("channel");
  for (size_t c = 0; c < counts.size(); ++c) {
    const AliasingCounts published = accounted(counts[c].published, accounting),
                         contribution = accounted(counts[c].contribution, accounting);
    document["counts"].push_back({{"published", counts_to_json(published)}, {"contribution", counts_to_json(contribution)}});
    table.row(cells(std::to_string(c), fmt::format("{} × {}", s[1], s[2]), shares_of(published), shares_of(contribution)));
  }
  if (session.common.json) {
    print_json(document);
  } else {
    print("percent of all frequencies, as published, then with folds scaled as they add up\n" + table.text());
  }
  return ExitStatus::done;
}

ExitStatus AliasCommand::run_on_network(const Session& session) const {
  Setting setting = session.setting();
  setting.force = replacing_.force;
  const Network network = open_or_make_network(network_.front(), foreign_, setting.seed);
  const Path out = folder_of_results(place_.out, network);
  const Pictures pictures = at_most(place_.limit, pictures_or_files(pictures_, network, setting, place_.limit));
  const Aliased done = alias(network, pictures, options_, out, setting);
  say(fmt::format("network {:.1f} ms, spectra {:.1f} ms for each image\n",
                  1e3 * done.network_seconds / static_cast<double>(done.record.images),
                  1e3 * done.spectra_seconds / static_cast<double>(done.record.images)));
  write_report(out);

  const Path& folder = done.folder;
  if (session.common.json) {
    Json with_paths = fields_to_json(done.record);
    for (const char* file : {"per_image", "image_table"}) with_paths[file] = (folder / with_paths[file].get<std::string>()).string();
    for (Json& signal : with_paths["signals"])
      for (Json& map : signal["maps"]) map["npy"] = (folder / map["npy"].get<std::string>()).string();
    print_json(with_paths);
  } else {
    print(shown(done.record));
    print(fmt::format("results: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> AliasCommand::json_keys() const {
  std::vector<FieldHelp> keys = help<AliasingRecord>();
  keys.push_back({"counts", "", "with --signal: `published` and `contribution` for each channel, frequencies of each category"});
  return keys;
}

}  // namespace convscope
