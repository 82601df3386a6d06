#include "convscope/cli/commands/eval.h"

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

}  // namespace

void EvalCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(options_);
  flags.fields(evaluate_);
  flags.fields(foreign_);
  flags.fields(replacing_);
}

ExitStatus EvalCommand::run(const Session& session) {
  if (replacing_.force && options_.out.empty()) throw UsageError("eval: --force is for what --out keeps; nothing is kept here");
  check_options([&] { check_evaluation(evaluate_, options_.out); });
  Setting setting = session.setting();
  setting.force = replacing_.force;
  const Network network = told(open_network(network_.front(), foreign_));
  const Pictures pictures =
      choose_pictures({.data = options_.data, .split = options_.split, .images = options_.images}, network, setting, options_.limit);
  const Evaluation e = evaluate(network, pictures, options_.out, setting, evaluate_);
  clear_progress();
  if (!options_.out.empty()) write_report(options_.out);
  if (session.common.json) {
    print_json(fields_to_json(e));
  } else {
    print(shown(e));
    if (!options_.out.empty()) print(fmt::format("report: {}\n", (Path(options_.out) / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> EvalCommand::json_keys() const { return help<Evaluation>(); }

}  // namespace convscope
