#include "convscope/cli/commands/eval.h"

#include <algorithm>
#include <optional>

#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

std::string class_name(const Evaluation& e, size_t index) { return index < e.classes.size() ? e.classes[index] : std::to_string(index); }

/** The pairs of classes taken for each other most often. */
std::string worst_pairs(const Evaluation& e) {
  struct Pair {
    int64_t count;
    size_t is, said;
  };
  std::vector<Pair> pairs;
  for (size_t is = 0; is < e.confusion.size(); ++is)
    for (size_t said = 0; said < e.confusion[is].size(); ++said)
      if (is != said && e.confusion[is][said] > 0) pairs.push_back({e.confusion[is][said], is, said});
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.count > b.count; });
  constexpr size_t kShown = 5;
  if (pairs.size() > kShown) pairs.resize(kShown);
  if (pairs.empty()) return "";
  TextTable table({"taken most often for another", "", "times"}, {2});
  for (const Pair& p : pairs) table.row({"  " + class_name(e, p.is), "for " + class_name(e, p.said), grouped(p.count)});
  return "\n" + table.text();
}

std::string shown(const Evaluation& e) {
  TextTable table({"accuracy", fmt::format("{}  ({} of {}; 95 % interval {} to {})", percent(e.accuracy), grouped(e.correct),
                                           grouped(e.total), percent(e.accuracy_interval_95[0]), percent(e.accuracy_interval_95[1]))});
  if (!std::isnan(e.top5_accuracy)) table.row({"among the top 5", percent(e.top5_accuracy)});
  if (e.seen_in_training > 0) table.row({"learnt from", fmt::format("{} of these images", grouped(e.seen_in_training))});
  table.row({"loss", fmt::format("{:.4f}", e.loss)});
  table.row({"images a second", fmt::format("{:.0f}", e.images_per_second)});
  return table.text() + worst_pairs(e);
}

/** A row a corruption, a column a severity. */
std::string shown(const CorruptionsRecord& r) {
  const auto interval = [](const std::array<double, 2>& ends) { return fmt::format("{} to {}", percent(ends[0]), percent(ends[1])); };
  TextTable head({"clean accuracy", fmt::format("{}  ({} images; 95 % interval {})", percent(r.clean_accuracy), grouped(r.images),
                                                interval(r.clean_interval_95))});
  head.row(
      {"mean accuracy", fmt::format("{}  ({}; 95 % interval {})", percent(r.mean_accuracy), r.mean_over, interval(r.mean_interval_95))});
  std::vector<std::string> heading = {"corruption", "kind"};
  std::vector<size_t> right;
  for (const CorruptionMean& m : r.severities) heading.push_back(m.name);
  heading.insert(heading.end(), {"mean", "95 % interval"});
  for (size_t i = 2; i < heading.size(); ++i) right.push_back(i);
  TextTable table(heading, right);
  const size_t severities = r.severities.size();
  for (size_t k = 0; k < r.means.size(); ++k) {
    std::vector<std::string> row = {r.means[k].name, r.corruptions[k * severities].kind};
    for (size_t s = 0; s < severities; ++s) row.push_back(percent(r.corruptions[k * severities + s].accuracy));
    row.insert(row.end(), {percent(r.means[k].accuracy), interval(r.means[k].interval_95)});
    table.row(std::move(row));
  }
  std::vector<std::string> means = {"mean", ""};
  for (const CorruptionMean& m : r.severities) means.push_back(percent(m.accuracy));
  means.insert(means.end(), {percent(r.mean_accuracy), interval(r.mean_interval_95)});
  table.row(std::move(means));
  return head.text() + "\n" + table.text();
}

std::string with_interval(double value, const std::array<double, 2>& interval) {
  return fmt::format("{}  (95 % interval {} to {})", percent(value), percent(interval[0]), percent(interval[1]));
}

std::string shown(const Consistency& c) {
  TextTable table({fmt::format("moved by up to {} pixels", c.shift), "keep their class"});
  table.row({"  two random crops", with_interval(c.crop, c.crop_interval_95)});
  table.row({"  circular", with_interval(c.circular, c.circular_interval_95)});
  table.row({"  at every circular shift", with_interval(c.worst, c.worst_interval_95)});
  table.row({"  by half a pixel", with_interval(c.half_pixel, c.half_pixel_interval_95)});
  if (!std::isnan(c.worst_accuracy))
    table.row({"right at every circular shift", with_interval(c.worst_accuracy, c.worst_accuracy_interval_95)});
  table.row(
      {"confidence changes by", fmt::format("{:.4f}  ({:.4f} by half a pixel)", c.confidence_change, c.half_pixel_confidence_change)});
  return "\n" + table.text();
}

/** Errors ring by ring, about eight of them. */
std::string shown(const FourierErrors& f) {
  TextTable table({fmt::format("noise of norm {:.3g}, waves across the picture", f.norm), "wrong", "gradient's energy"}, {1, 2});
  table.row({"  none", percent(f.clean_error), ""});
  const size_t step = std::max<size_t>(1, f.rings.size() / 8);
  for (size_t i = 0; i < f.rings.size(); i += step)
    table.row({fmt::format("  {}", f.rings[i].radius), percent(f.rings[i].error), percent(f.rings[i].gradient_energy)});
  table.row({"  mean of all", percent(f.mean_error), ""});
  return "\n" + table.text();
}

}  // namespace

std::vector<Mode> EvalCommand::modes() const {
  const std::vector<std::string> both = flags_among({flags_of<Options>(), {"batch"}, flags_of<NetworkOptions>(), flags_of<Replacing>()});
  return {{"an evaluation of pictures as they are",
           flags_among({both, flags_of<EvaluateOptions>(), flags_of<ShiftOptions>(), flags_of<FourierOptions>()})},
          {"an evaluation of corrupted ones (--corruptions, --cifar-c)", flags_among({both, flags_of<CorruptionOptions>()})}};
}

size_t EvalCommand::mode(const Flags& flags) const { return flags.given("corruptions") || flags.given("cifar-c") ? 1 : 0; }

void EvalCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(options_);
  flags.fields(evaluate_);
  flags.fields(corruption_);
  flags.fields(shift_);
  flags.fields(fourier_);
  flags.fields(foreign_);
  flags.fields(replacing_);
}

ExitStatus EvalCommand::run(const Session& session) {
  if (replacing_.force && options_.out.empty()) throw UsageError("eval: --force is for what --out keeps; nothing is kept here");
  check_options([&] {
    check_evaluation(evaluate_, options_.out);
    corruption_.check();
    check_shifts(shift_);
    check_fourier(fourier_);
  });
  Setting setting = session.setting();
  setting.force = replacing_.force;
  const Network network = told(open_network(network_.front(), foreign_));
  const Pictures pictures =
      choose_pictures({.data = options_.data, .split = options_.split, .images = options_.images}, network, setting, options_.limit);
  if (corruption_.asked()) return run_on_corruptions(network, pictures, setting, session.common.json);
  const Evaluation e = evaluate(network, pictures, options_.out, setting, evaluate_);
  const bool root = session.ranks->is_root();
  std::optional<Consistency> consistency;
  const auto counting = [&](std::string what) {
    Setting all = setting;
    all.progress = show_progress(std::move(what));
    return all;
  };
  if (shift_.shifts > 0)
    consistency = measure_consistency(network, pictures, shift_, options_.out, counting("answers to moved images")).consistency;
  std::optional<FourierErrors> fourier;
  if (fourier_.fourier) fourier = measure_fourier(network, pictures, fourier_, options_.out, counting("frequencies")).fourier;
  if (!root) return ExitStatus::done;
  clear_progress();
  if (!options_.out.empty()) write_report(options_.out);
  if (session.common.json) {
    Json all = fields_to_json(e);
    if (consistency) all["consistency"] = fields_to_json(*consistency);
    if (fourier) all["fourier"] = fields_to_json(*fourier);
    print_json(all);
  } else {
    print(shown(e) + (consistency ? shown(*consistency) : "") + (fourier ? shown(*fourier) : ""));
    if (!options_.out.empty()) print(fmt::format("report: {}\n", (Path(options_.out) / kReportFile).string()));
  }
  return ExitStatus::done;
}

ExitStatus EvalCommand::run_on_corruptions(const Network& network, const Pictures& pictures, const Setting& setting, bool json) const {
  const CorruptionsRecord record = evaluate_corrupted(network, pictures, corruption_, options_.out, setting, evaluate_.batch);
  if (!setting.ranks->is_root()) return ExitStatus::done;
  clear_progress();
  if (!options_.out.empty()) write_report(options_.out);
  if (json) {
    print_json(fields_to_json(record));
  } else {
    print(shown(record));
    if (!options_.out.empty()) print(fmt::format("report: {}\n", (Path(options_.out) / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> EvalCommand::json_keys() const {
  std::vector<FieldHelp> all = help<Evaluation>();
  const auto add = [&](std::string_view under, std::vector<FieldHelp> keys) {
    for (FieldHelp& key : keys) {
      key.name = fmt::format("{}.{}", under, key.name);
      all.push_back(std::move(key));
    }
  };
  add("consistency", help<Consistency>());
  add("fourier", help<FourierErrors>());
  for (FieldHelp key : help<CorruptionsRecord>()) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const FieldHelp& k) { return k.name == key.name; });
    key.text = "with --corruptions: " + key.text;
    if (!known) all.push_back(std::move(key));
  }
  return all;
}

}  // namespace convscope
