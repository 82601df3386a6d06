#include "convscope/cli/commands/alias.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/split.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/report/aliasing/aliasing_figures.h"
#include "convscope/report/page/page.h"
#include "convscope/results/attack_summary.h"
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
  return TextTable({std::move(what), "size", "non-aliased", "aliased", "tangled", "no pass", "| scaled: non-aliased", "aliased", "tangled",
                    "no pass", "| energy that folds"},
                   {2, 3, 4, 5, 6, 7, 8, 9, 10});
}

/** "12.3 (11.9 to 12.8)". */
std::string energy_of(const AliasingSignal& s) {
  if (!std::isfinite(s.folded_energy)) return "";
  const std::vector<double>& i = s.folded_energy_interval_95;
  return fmt::format("{:.1f}{}", 100 * s.folded_energy, i.size() == 2 ? fmt::format(" ({:.1f} to {:.1f})", 100 * i[0], 100 * i[1]) : "");
}

std::string shown(const AliasingRecord& record) {
  TextTable table = table_with("signal");
  for (const AliasingSignal& s : record.signals) {
    std::vector<std::string> row =
        cells(s.label == s.name ? s.name : fmt::format("{} ({})", s.label, s.name),
              fmt::format("{} × {} × {}", s.channels, s.rows, s.columns), s.shares.published, s.shares.contribution);
    row.push_back(energy_of(s));
    table.row(row);
  }
  std::vector<std::string> mean = cells("mean", "", record.mean.published, record.mean.contribution);
  mean.emplace_back();
  table.row(mean);
  const std::string right = record.labelled > 0 ? fmt::format(", {} of {} named right", record.correct, record.labelled) : "";
  return fmt::format("{} images of {}{}; percent of all frequencies, as published, then with folds scaled as they add up\n{}",
                     record.images, record.data.text(), right, table.text());
}

std::string shown(const AliasingCurve& curve) {
  const auto share = [](double v) { return std::isfinite(v) ? fmt::format("{:.1f} %", 100 * v) : std::string(); };
  const auto between = [](double low, double high) { return fmt::format("{:.1f} to {:.1f}", 100 * low, 100 * high); };
  TextTable table({"epsilon", "top 1", "95 % interval", "top 5", "95 % interval", "aliased or tangled", "1 to 99 % of images"},
                  {0, 1, 2, 3, 4, 5, 6});
  for (const AliasingCurvePoint& p : curve.points)
    table.row({epsilon_text(p.epsilon), share(p.accuracy), between(p.accuracy_interval_95[0], p.accuracy_interval_95[1]),
               share(p.top5_accuracy), std::isfinite(p.top5_accuracy) ? between(p.top5_interval_95[0], p.top5_interval_95[1]) : "",
               share(p.median), between(p.low, p.high)});
  return fmt::format("{} images of {}, {}; the median over images of what is aliased or tangled, folds unscaled\n{}", curve.images,
                     curve.data.text(), curve.attack, table.text());
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
  flags.fields(mask_);
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
      "usual one, their pictures in figures/, and report.html shows them; `convscope report A B` lays two networks side by side.",
      "With --attack the images are looked at as they are and under attack within each epsilon, all steps at each: curve.json there holds "
      "a "
      "point for each, under-attack/EPSILON what was looked at, --save and --save-signals included. A sweep that was interrupted goes on "
      "behind its last point."};
}

std::vector<std::string> AliasCommand::examples() const {
  return {
      "convscope alias runs/oscillations --data oscillations --limit 1000",
      "convscope alias resnet20.th --model resnet20 --normalize imagenet --data cifar10 --out /tmp/x",
      "convscope alias resnet20.th --model resnet20 --normalize imagenet --data cifar10 --limit 100 --attack pgd --epsilon 0,0.001,0.01 "
      "--save layerwise --out /tmp/x",
      "convscope alias runs/cifar --mask runs/cifar/predictions/predictions.csv --mask-column right --negate-mask --out /tmp/x",
      "convscope alias resnet34 --image cat.jpg,dog.jpg --out /tmp/x",
      "convscope alias --signal x.npy --rate 2,2 --json"};
}

std::vector<Mode> AliasCommand::modes() const {
  const std::vector<std::string> network =
      flags_among({{"out"}, flags_of<AliasOptions>(), flags_of<NetworkOptions>(), flags_of<Replacing>()});
  const std::vector<std::string> data = flags_among({network, {"data", "split", "images", "limit"}, flags_of<MaskOptions>()});
  return {{"a network and data", data},
          {"a network and files (--image)", flags_among({network, {"image"}})},
          {"--signal", {"signal", "rate", "out", "threshold", "passing-db", "accounting", "save"}},
          {"a network under attack (--attack)", flags_among({data, {"attack", "epsilon"}})}};
}

size_t AliasCommand::mode(const Flags& flags) const {
  return flags.given("signal") ? 2 : flags.given("image") ? 1 : flags.given("attack") ? 3 : 0;
}

ExitStatus AliasCommand::run(const Session& session) {
  check_options([&] {
    check_aliasing(options_);
    check_mask(mask_);
    if (!place_.attack.empty()) check_under_attack(under_attack());
  });
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
  const std::vector<double> energies = folded_energies(x, rate);
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
                {"counts", json_list()},
                {"folded_energy", energies}};
  TextTable table = table_with("channel");
  for (size_t c = 0; c < counts.size(); ++c) {
    const AliasingCounts published = accounted(counts[c].published, accounting),
                         contribution = accounted(counts[c].contribution, accounting);
    document["counts"].push_back({{"published", counts_to_json(published)}, {"contribution", counts_to_json(contribution)}});
    std::vector<std::string> row =
        cells(std::to_string(c), fmt::format("{} × {}", s[1], s[2]), shares_of(published), shares_of(contribution));
    row.push_back(fmt::format("{:.1f}", 100 * energies[c]));
    table.row(row);
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
  const Network network = told(open_or_make_network(network_.front(), foreign_, setting.seed));
  const Path out = folder_of_results(place_.out, network);
  constexpr int64_t kAll = 0;  // which of them count, the mask decides
  const bool is_masked = !mask_.mask.empty();
  const Pictures pictures =
      at_most(place_.limit, masked(pictures_or_files(pictures_, network, setting, is_masked ? kAll : place_.limit), mask_, setting));
  if (!place_.attack.empty()) return run_under_attack(network, pictures, out, setting, session.common.json);
  const Aliased done = alias(network, pictures, options_, out, setting);
  say(fmt::format("network {:.1f} ms, spectra {:.1f} ms for each image\n", 1e3 * done.network_seconds / static_cast<double>(done.looked_at),
                  1e3 * done.spectra_seconds / static_cast<double>(done.looked_at)));
  if (!session.ranks->is_root()) return ExitStatus::done;
  write_report(out);

  const Path& folder = done.folder;
  if (session.common.json) {
    Json with_paths = fields_to_json(done.record);
    for (const char* file : {"per_image", "image_table", "per_image_energy"})
      with_paths[file] = (folder / with_paths[file].get<std::string>()).string();
    for (Json& signal : with_paths["signals"])
      for (Json& map : signal["maps"]) map["npy"] = (folder / map["npy"].get<std::string>()).string();
    print_json(with_paths);
  } else {
    print(shown(done.record));
    print(fmt::format("results: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

/** `pgd` alone is the published one. */
UnderAttackOptions AliasCommand::under_attack() const {
  UnderAttackOptions asked;
  const Choice named = parse_choice(place_.attack);
  if (named.name != asked.attack.name || !named.options.empty()) asked.attack = named;
  asked.epsilons = place_.epsilon;
  asked.look = options_;
  return asked;
}

ExitStatus AliasCommand::run_under_attack(const Network& network, const Pictures& pictures, const Path& out, const Setting& setting,
                                          bool json) const {
  UnderAttackOptions asked = under_attack();
  // The images as they are first: the curve stands beside their record.
  AliasOptions usual;
  usual.threshold = options_.threshold;
  usual.passing_db = options_.passing_db;
  usual.batch = options_.batch;
  const Path folder = alias(network, pictures, usual, out, setting).folder;
  asked.done = [&](const AliasingCurvePoint& p) {
    setting.tell(
        fmt::format("epsilon {}: top 1 {:.1f} %, aliased or tangled {:.1f} %", epsilon_text(p.epsilon), 100 * p.accuracy, 100 * p.median));
  };
  const AliasingCurve curve = alias_under_attack(folder, network, pictures, asked, setting);
  clear_progress();
  if (!setting.ranks->is_root()) return ExitStatus::done;
  write_aliasing_figures(folder);
  write_report(out);
  if (json) {
    print_json(fields_to_json(curve));
  } else {
    print(shown(curve));
    print(fmt::format("results: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> AliasCommand::json_keys() const {
  std::vector<FieldHelp> keys = help<AliasingRecord>();
  for (FieldHelp& key : help<AliasingCurve>()) {
    const bool known = std::any_of(keys.begin(), keys.end(), [&](const FieldHelp& other) { return other.name == key.name; });
    if (known) continue;
    key.text = "with --attack: " + key.text;
    keys.push_back(std::move(key));
  }
  keys.push_back({"counts", "", "with --signal: `published` and `contribution` for each channel, frequencies of each category"});
  return keys;
}

}  // namespace convscope
