#include "convscope/cli/commands/eval.h"

#include "convscope/cli/network.h"
#include "convscope/cli/output.h"
#include "convscope/data/locate.h"
#include "convscope/data/subset.h"
#include "convscope/report/page.h"
#include "convscope/study/evaluate_into.h"
#include "convscope/train/evaluator.h"

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
  table.row({"loss", fmt::format("{:.4f}", e.loss)});
  table.row({"images a second", fmt::format("{:.0f}", e.images_per_second)});
  return table.text() + worst_pairs(e);
}

}  // namespace

void EvalCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(options_);
  flags.fields(foreign_);
}

ExitStatus EvalCommand::run(const Session& session) {
  const Precision precision = precision_of(session.common.precision);
  require(options_.batch >= 1, "--batch {}: at least 1 was wanted", options_.batch);
  require(options_.limit >= 0, "--limit {}: 0 or more was wanted", options_.limit);
  const Network network = open_network(network_.front(), foreign_);
  const std::string data_text = options_.data.empty() ? network.trained_on : options_.data;
  if (data_text.empty())
    throw UsageError(
        "eval: --data is missing, and the network does not say what it was trained on; `convscope list data` shows what is known");
  auto data = open_data(data_text, parse_split(options_.split), network, data_roots(session.common.data_root));
  if (options_.limit > 0) data = Subset::first(data, std::min(options_.limit, data->size()));
  check_fits(network.graph, *data);
  check_classes(network.classes, data->classes());

  std::function<void(int64_t, int64_t)> progress;
  if (on_terminal()) progress = [](int64_t done, int64_t total) { say(fmt::format("\r{} of {} images", done, total)); };
  Evaluation e;
  if (options_.out.empty()) {
    e = Evaluator(network.graph, network.weights(), data, precision, options_.batch).run(progress);
  } else {
    const std::string data_name = fmt::format("{}, {}", data_text, options_.split);
    e = evaluate_into(options_.out, {network.graph, network.weights(), data, network.name, data_name, precision, options_.batch}, progress);
    write_report(options_.out);
  }
  if (on_terminal()) say("\r\033[K");
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
