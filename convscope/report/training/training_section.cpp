#include "convscope/report/training/training_section.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "convscope/base/join.h"
#include "convscope/report/page/curves.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/training/learning_curves.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/learning_signs.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

/** What a run folder tells about a training. */
struct Record {
  const RunFolder* folder;
  Json options = json_object(), machine = json_object();
  std::string version = {};
  int64_t train_samples = 0;  // 0: not told
  std::vector<EpochMetrics> metrics = {};

  int64_t planned() const {
    return options.contains("epochs") && options["epochs"].is_number_integer() ? options["epochs"].get<int64_t>() : 0;
  }
  /** A training that ends, early or not, is evaluated. */
  bool finished() const { return done() >= planned() || std::filesystem::exists(folder->path / kEvaluation); }
  int64_t done() const { return metrics.empty() ? 0 : metrics.back().epoch; }
  /** Whether the samples it is tested on after each epoch are some that were taken from the training set. */
  bool holds_out() const { return options.contains("validation") && options["validation"].is_number() && options["validation"] > 0.0; }
  /** What its losses are; empty where that is not known. */
  std::string loss() const { return options.contains("loss") && options["loss"].is_string() ? options["loss"].get<std::string>() : ""; }
  std::string tested_on() const { return holds_out() ? "held out" : "test"; }
};

Record record_of(const RunFolder& folder) {
  Record r{&folder};
  if (const Path file = folder.path / kRunFile; std::filesystem::exists(file)) {
    const std::string name = printable(file.string());
    const Json j = read_result(file);
    require(j.is_object() && j.contains("options") && j["options"].is_object(), "{}: no options in it; a training's run.json was wanted",
            name);
    r.options = j["options"];
    if (j.contains("machine") && j["machine"].is_object()) r.machine = j["machine"];
    if (j.contains("version") && j["version"].is_string()) r.version = j["version"];
    const Json data = j.value("data", Json());
    if (data.is_object() && data.contains("count") && data["count"].is_number_integer()) r.train_samples = data["count"];
  }
  if (const Path file = folder.path / kMetrics; std::filesystem::exists(file)) r.metrics = read_metrics(file);
  return r;
}

/** Whether an evaluation is the training's own: of all images of its data, none of which was chosen. */
bool is_of(const Record& r, const Evaluation& e) {
  return r.options.value("data", "") == e.data.name && !e.data.name.empty() && e.data.images.empty() && e.data.limit == 0;
}

/** By what an ended training came to that it has learnt nothing, a sentence each; none where it has, or does not tell. */
std::vector<std::string> signs_of(const Record& r) {
  const Path file = r.folder->path / kEvaluation;
  if (r.metrics.empty() || r.train_samples <= 0 || !std::filesystem::exists(file)) return {};
  const auto e = read_record<Evaluation>(file);
  return is_of(r, e) ? signs_of_not_learning(e, r.metrics.back(), r.train_samples) : std::vector<std::string>();
}

/** `whose` is empty where the page is of one run. */
Html told_where_nothing_was_learnt(const Record& r, std::string_view whose) {
  const std::vector<std::string> signs = signs_of(r);
  if (signs.empty()) return {};
  return html(
      "<p class=\"warning\"><b>{}Nothing was learnt</b> by epoch {}: {}. Another learning rate, or pixels normalised otherwise, may "
      "help.</p>\n",
      whose.empty() ? std::string() : fmt::format("{}: ", whose), r.done(), std::string(join(signs, "; ")));
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "–";
  if (seconds < 100) return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 1 : 0);
  const auto minutes = std::llround(seconds / 60);
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string speed(const Record& r) {
  return std::isfinite(images_per_second_of(r.metrics)) ? fmt::format("{:.0f}", images_per_second_of(r.metrics)) : "–";
}

std::string accuracy_cell(const EpochMetrics* m) {
  return m && std::isfinite(m->judged_accuracy()) ? percent_text(100 * m->judged_accuracy()) : "–";
}

std::string chosen_on(const Record& r) { return r.holds_out() ? "chosen on held-out training samples" : "chosen on the test set"; }

std::string progress(const Record& r) {
  const std::string done = r.done() == 1 ? "1 epoch" : fmt::format("{} epochs", r.done());
  if (r.planned() == 0) return done;
  return r.finished() ? done + ", finished" : fmt::format("{} of {} epochs so far", r.done(), r.planned());
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>().empty() ? "–" : value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.is_number_float() ? fmt::format("{}", value.get<double>()) : shown(value);
}

std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

// Figures.

class Plots {
 public:
  explicit Plots(Axis epochs) : epochs_(std::move(epochs)) {}

  void add(PlotPanel panel, double height) { figures_ += told_plot("training", std::move(panel), epochs_, height, {"epoch"}, data_); }

  Html figures() const { return html("<div class=\"plots\">\n{}</div>\n", figures_); }
  const Json& data() const { return data_; }

 private:
  Axis epochs_;
  Html figures_;
  Json data_ = json_list();
};

/** `member`: a number of an epoch, or a function that gives one. */
template <typename Member>
PlotLine metric_line(const Record& r, std::string name, Colour colour, Member member, double scale = 1) {
  PlotLine line{std::move(name), colour, 2.0, {}};
  for (const EpochMetrics& m : r.metrics)
    if (const double value = std::invoke(member, m); !std::isnan(value))
      line.values.push_back({static_cast<double>(m.epoch), scale * value});
  return line;
}

Plots plots_of_one(const Record& r) {
  Plots plots(Axis::counting(r.metrics.front().epoch, r.metrics.back().epoch, 8));
  plots.add(accuracy_curves(r.metrics, r.tested_on()), kTallPlot);
  plots.add(loss_curves(r.metrics, r.tested_on(), r.loss()), kTallPlot);
  if (auto robust = robustness_curves(r.metrics, r.tested_on())) plots.add(std::move(*robust), kTallPlot);
  plots.add(amount_panel("Learning rate", {metric_line(r, "", kBlue, &EpochMetrics::lr)}), kLowPlot);
  plots.add(amount_panel("Images a second", {metric_line(r, "", kBlue, &EpochMetrics::images_per_second)}), kLowPlot);
  return plots;
}

Plots plots_of_several(const std::vector<Record>& records) {
  int64_t first = INT64_MAX, last = 0;
  for (const Record& r : records) {
    if (r.metrics.empty()) continue;
    first = std::min(first, r.metrics.front().epoch);
    last = std::max(last, r.metrics.back().epoch);
  }
  const auto lines = [&](auto member, double scale) {
    std::vector<PlotLine> all;
    for (const Record& r : records) all.push_back(metric_line(r, r.folder->name, r.folder->colour, member, scale));
    for (PlotLine& line : all) line.named = false;  // the legend tells the runs apart
    return all;
  };
  const bool all_hold_out = std::all_of(records.begin(), records.end(), [](const Record& r) { return r.holds_out(); });
  const bool none_holds_out = std::none_of(records.begin(), records.end(), [](const Record& r) { return r.holds_out(); });
  const char* tested = all_hold_out ? "held-out samples" : none_holds_out ? "test" : "test or held-out samples";
  Plots plots(Axis::counting(first, last, 8));
  plots.add(percent_panel(fmt::format("Accuracy, %: {}", tested), lines(&EpochMetrics::judged_accuracy, 100)), kTallPlot);
  plots.add(loss_panel(fmt::format("Loss: {}", tested), lines(&EpochMetrics::judged_loss, 1)), kTallPlot);
  plots.add(percent_panel("Accuracy, %: train", lines(&EpochMetrics::train_accuracy, 100)), kTallPlot);
  plots.add(loss_panel("Loss: train", lines(&EpochMetrics::train_loss, 1)), kTallPlot);
  plots.add(amount_panel("Learning rate", lines(&EpochMetrics::lr, 1)), kTallPlot);
  plots.add(amount_panel("Images a second", lines(&EpochMetrics::images_per_second, 1)), kTallPlot);
  return plots;
}

// Tables.

Html tile(std::string_view name, std::string_view value, std::string_view small) {
  return html("<div class=\"tile\"><span>{}</span><b>{}</b><small>{}</small></div>\n", name, value, small);
}

Html training_tiles(const Record& r) {
  const std::string accuracy = r.holds_out() ? "accuracy on held-out samples" : "test accuracy";
  const EpochMetrics *last = last_tested(r.metrics), *best = best_epoch(r.metrics);
  Html all;
  if (last)
    all += tile(accuracy + (r.finished() ? ", final epoch" : ", last epoch so far"), accuracy_cell(last),
                fmt::format("epoch {}", last->epoch));
  if (best) all += tile(accuracy + ", best epoch", accuracy_cell(best), fmt::format("epoch {}, {}", best->epoch, chosen_on(r)));
  if (!r.metrics.empty()) {
    all += tile("training time", duration(seconds_of(r.metrics)), progress(r));
    all += tile("images a second", speed(r),
                fmt::format("{} an epoch", duration(seconds_of(r.metrics) / static_cast<double>(r.metrics.size()))));
  }
  return html("<div class=\"tiles\">\n{}</div>\n", all);
}

Html comparison(const std::vector<Record>& records) {
  Html rows;
  for (const Record& r : records) {
    const EpochMetrics *last = last_tested(r.metrics), *best = best_epoch(r.metrics);
    rows += html(
        "<tr><th scope=\"row\">{}{}</th><td class=\"number\">{}<small>{}</small></td><td "
        "class=\"number\">{}<small>{}</small></td><td>{}</td>"
        "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        swatch(r.folder->colour), r.folder->name, accuracy_cell(last), r.holds_out() ? "on held-out training pictures" : "",
        accuracy_cell(best), best ? fmt::format("epoch {}, {}", best->epoch, chosen_on(r)) : std::string(), progress(r),
        duration(seconds_of(r.metrics)), speed(r));
  }
  return html(
      "<div class=\"scroll runs\"><table>\n<thead><tr><th>run</th><th class=\"number\">accuracy, last epoch</th>"
      "<th class=\"number\">accuracy, best epoch</th><th>epochs</th><th class=\"number\">time</th><th class=\"number\">images a "
      "second</th></tr></thead>\n"
      "<tbody>\n{}</tbody></table></div>\n",
      rows);
}

/** All that a run folder says about how it was made, in one list. */
Json recipe(const Record& r) {
  Json all = r.options;
  for (const auto& [key, value] : r.machine.items()) all["machine: " + key] = value;
  if (!r.version.empty()) all["convscope"] = r.version;
  return all;
}

Html recipe_of_one(const Record& r) {
  Html rows;
  const Json all = recipe(r);
  for (const auto& [key, value] : all.items()) rows += html("<div><dt>{}</dt><dd>{}</dd></div>\n", words(key), value_text(value));
  if (rows.empty()) return {};
  return folded(html("<h3>Recipe</h3>"), html("<dl class=\"recipe\">\n{}</dl>\n", rows));
}

Html recipe_of_several(const std::vector<Record>& records) {
  std::vector<Json> recipes;
  std::vector<std::string> keys;
  for (const Record& r : records) {
    recipes.push_back(recipe(r));
    for (const auto& item : recipes.back().items())
      if (std::find(keys.begin(), keys.end(), item.key()) == keys.end()) keys.push_back(item.key());
  }
  Html different, same;
  for (const std::string& key : keys) {
    const auto text = [&](const Json& all) { return all.contains(key) ? value_text(all[key]) : std::string("–"); };
    const std::string first = text(recipes.front());
    if (std::all_of(recipes.begin(), recipes.end(), [&](const Json& all) { return text(all) == first; })) {
      same += html("<div><dt>{}</dt><dd>{}</dd></div>\n", words(key), first);
      continue;
    }
    Html cells;
    for (const Json& all : recipes) cells += html("<td>{}</td>", text(all));
    different += html("<tr><th scope=\"row\">{}</th>{}</tr>\n", words(key), cells);
  }
  Html all, heads;
  for (const Record& r : records) heads += html("<th>{}{}</th>", swatch(r.folder->colour), r.folder->name);
  if (!different.empty())
    all += html(
        "<h3>What differs</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th></th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
        heads, different);
  if (!same.empty()) all += folded(html("<h3>The same in all</h3>"), html("<dl class=\"recipe\">\n{}</dl>\n", same));
  return all;
}

/** The numbers of every epoch; columns of unknown ones are left out. */
Html epoch_table(const Record& r) {
  std::vector<std::string> unknown;
  EpochMetrics().fields([&](std::string_view name, auto&, std::string_view) {
    const auto known = [&](EpochMetrics m) {
      bool finite = false;
      m.fields([&](std::string_view other, auto& value, std::string_view) {
        finite |= other == name && std::isfinite(static_cast<double>(value));
      });
      return finite;
    };
    if (std::none_of(r.metrics.begin(), r.metrics.end(), known)) unknown.emplace_back(name);
  });
  const auto is_unknown = [&](std::string_view name) { return std::find(unknown.begin(), unknown.end(), name) != unknown.end(); };
  Html heads, rows;
  for (const FieldHelp& f : help<EpochMetrics>())
    if (!is_unknown(f.name)) heads += html("<th class=\"number\" title=\"{}\">{}</th>", f.text, words(f.name));
  for (EpochMetrics m : r.metrics) {
    Html cells;
    m.fields([&](std::string_view name, auto& value, std::string_view) {
      if (is_unknown(name)) return;
      const auto number = static_cast<double>(value);
      const bool share = name.find("accuracy") != std::string_view::npos || name == "data_wait";
      cells += html("<td class=\"number\">{}</td>", name == "epoch"               ? fmt::format("{}", value)
                                                    : !std::isfinite(number)      ? std::string("–")
                                                    : share                       ? percent_text(100 * number)
                                                    : name == "images_per_second" ? fmt::format("{:.0f}", number)
                                                                                  : fmt::format("{:.4g}", number));
    });
    rows += html("<tr>{}</tr>\n", cells);
  }
  return html(
      "<details><summary>Numbers of every epoch</summary>\n<div class=\"scroll\"><table "
      "class=\"epochs\">\n<thead><tr>{}</tr></thead>\n<tbody>\n{}"
      "</tbody></table></div></details>\n",
      heads, rows);
}

constexpr std::string_view kTrainingStyle = R"css(
.runs { margin-bottom: 1.75rem; }
.runs td small { display: block; }
dl.recipe { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 0 2rem; margin: 0; font-size: .9rem; }
dl.recipe div { display: flex; gap: 1rem; justify-content: space-between; border-bottom: 1px solid var(--line); padding: .38rem 0; min-width: 0; }
dl.recipe dt { color: var(--muted); flex: none; }
dl.recipe dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }
@media print { dl.recipe div { break-inside: avoid; } }
)css";

}  // namespace

std::string training_title(const Path& run) {
  const Path file = run / kRunFile;
  if (!std::filesystem::exists(file)) return "";
  const Json j = read_result(file);
  if (!j.is_object() || !j.contains("options") || !j["options"].is_object()) return "";
  const Json& options = j["options"];
  return network_on_data({{"network", options.value("model", Json())}, {"data", options.value("data", Json())}});
}

bool TrainingSection::applies(const Path& folder) const {
  return std::filesystem::exists(folder / kRunFile) || std::filesystem::exists(folder / kMetrics);
}

SectionContent TrainingSection::render(std::span<const RunFolder> runs) const {
  std::vector<Record> records;
  for (const RunFolder& run : runs) records.push_back(record_of(run));

  SectionContent content;
  content.data["runs"] = json_list();
  for (const Record& r : records) {
    Json epochs = json_list();
    for (const EpochMetrics& m : r.metrics) epochs.push_back(fields_to_json(m));
    content.data["runs"].push_back(
        {{"run", r.folder->name}, {"options", r.options}, {"machine", r.machine}, {"version", r.version}, {"metrics", std::move(epochs)}});
  }
  content.data["plots"] = json_list();

  const bool one = records.size() == 1;
  const bool empty = std::all_of(records.begin(), records.end(), [](const Record& r) { return r.metrics.empty(); });
  for (const Record& r : records) content.body += told_where_nothing_was_learnt(r, one ? std::string_view() : r.folder->name);
  content.body += one ? training_tiles(records.front()) : comparison(records);
  if (empty) {
    content.body += html("<p class=\"about\">No epoch is done yet.</p>\n");
  } else {
    const Plots plots = one ? plots_of_one(records.front()) : plots_of_several(records);
    if (!one) content.body += legend(runs);
    content.body += plots.figures();
    content.data["plots"] = plots.data();
  }
  content.body += one ? recipe_of_one(records.front()) : recipe_of_several(records);
  if (one && !empty) content.body += epoch_table(records.front());
  return content;
}

std::string TrainingSection::title(const Path& folder) const { return training_title(folder); }

std::string_view TrainingSection::style() const { return kTrainingStyle; }

}  // namespace convscope
