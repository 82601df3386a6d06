#include "convscope/report/perturbative/perturbative_section.h"

#include <cmath>

#include "convscope/report/page/fold.h"
#include "convscope/report/perturbative/perturbative_figures.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr std::string_view kPerturbativeStyle = R"css(
.perturbing { max-width: 48rem; margin-bottom: 1.75rem; }
.perturbing.wide { max-width: 66rem; }
#perturbative .scroll { margin-bottom: 1.75rem; }
)css";

std::string points(double v) { return std::isfinite(v) ? fmt::format("{:.2f} %", v) : "–"; }
std::string outcome_interval(const AccuracyOfRuns& o) { return o.trainings ? fmt::format("{:.1f} to {:.1f}", o.low, o.high) : ""; }
std::string excess(double v) { return std::isfinite(v) ? fmt::format("{:+.2f}", std::abs(v) < 0.005 ? 0.0 : v) : "–"; }

Html scrolling(const Html& head, const Html& rows) {
  return html("<div class=\"scroll\"><table class=\"study\"><thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n", head, rows);
}

Html number_head(std::initializer_list<const char*> names) {
  Html head;
  for (const char* name : names) head += html("<th class=\"number\">{}</th>", name);
  return head;
}

Html number_cell(const std::string& text) { return html("<td class=\"number\">{}</td>", text); }

Html runs_table(const PerturbativeView& view) {
  Html rows;
  for (size_t i = 0; i < view.record.runs.size(); ++i) {
    const PerturbativeRun& r = view.record.runs[i];
    const AccuracyOfRuns best = best_outcome(view, i), last = last_outcome(view, i);
    Html row = html("<td title=\"{}\">{}</td><td>{}</td>", r.model, r.label, r.kind);
    row += number_cell(fmt::format("{}", r.parameters));
    row += number_cell(fmt::format("{}", r.masks));
    row += number_cell(fmt::format("{:.1f}", static_cast<double>(r.macs) / 1e6));
    row += number_cell(points(100 * r.published));
    row += number_cell(points(best.mean));
    row += html("<td class=\"number ours\"><b>{}</b><small>{}</small></td>", points(last.mean), outcome_interval(last));
    row += number_cell(fmt::format("{}", last.trainings));
    rows += html("<tr>{}</tr>\n", row);
  }
  Html head = html("<th>network</th><th>layer</th>");
  head += number_head({"parameters", "fixed mask values", "million multiply-adds", "published (best epoch)",
                       "best epoch on the test images", "last epoch", "trainings"});
  return html(
      "<p class=\"about\">Networks as they were trained here. Best epochs are chosen on the test images. Intervals are of the "
      "last epoch: Student's t over several seeds; of one training Wilson's over the test images, and another seed could move it "
      "further.</p>\n{}",
      scrolling(head, rows));
}

Html meters_table(const std::vector<MeterRow>& meters) {
  if (meters.empty()) return {};
  Html rows;
  for (const MeterRow& m : meters) {
    Html row = html("<td>{}</td>", m.label);
    for (const std::string& cell :
         {fmt::format("{}", m.seed), fmt::format("{}", m.epochs), points(m.last), points(m.best), excess(m.best - m.last),
          points(m.smoothed_best), excess(m.smoothed_best - m.last), points(m.mean_best), excess(m.mean_best - m.last)})
      row += number_cell(cell);
    rows += html("<tr>{}</tr>\n", row);
  }
  Html head = html("<th>network</th>");
  head += number_head({"seed", "epochs", "proper, last epoch", "proper, best", "above the last", "smoothed, best", "above the last",
                       "mean of batches, best", "above the last"});
  return html(
      "<p class=\"about\">The best of all epochs under each meter, and by how many points it is above the last epoch's proper accuracy. "
      "Smoothed: v ← 0.7 v + 0.3 · a batch's accuracy, also from epoch to epoch, as the original program did. The "
      "reproduction's own figures were means of batches, very likely cut to whole percents in each, which takes about 0.4 points off at "
      "batch 16; ours are not cut.</p>\n{}",
      scrolling(head, rows));
}

/** The meter was used for all four curves; the best loss is the lowest. */
Html other_meters_table(const std::vector<MeterRow>& meters) {
  Html rows;
  for (const MeterRow& m : meters) {
    if (std::isnan(m.train_smoothed_best)) continue;
    const auto loss = [](double v) { return std::isfinite(v) ? fmt::format("{:.4f}", v) : std::string("–"); };
    Html row = html("<td>{}</td>", m.label);
    for (const std::string& cell : {fmt::format("{}", m.seed), points(m.train_best), points(m.train_smoothed_best), loss(m.test_loss_best),
                                    loss(m.test_loss_smoothed_best), loss(m.train_loss_best), loss(m.train_loss_smoothed_best)})
      row += number_cell(cell);
    rows += html("<tr>{}</tr>\n", row);
  }
  if (rows.empty()) return {};
  Html head = html("<th>network</th>");
  head += number_head({"seed", "training accuracy, best epoch", "smoothed, best", "test loss, lowest", "smoothed, lowest",
                       "training loss, lowest", "smoothed, lowest"});
  return html(
      "<p class=\"about\">The smoothed meter was the original program's for training accuracy and both losses too. Training values are of "
      "the images as they were when their turn came, smoothed over updates.</p>\n{}",
      scrolling(head, rows));
}

Html trials_table(const std::vector<SmoothingTrial>& trials) {
  if (trials.empty()) return {};
  Html rows;
  for (const SmoothingTrial& t : trials) {
    Html row;
    for (const std::string& cell :
         {points(100 * t.accuracy), fmt::format("{:.0f} %", 100 * t.keep), fmt::format("{}", t.epochs), points(100 * t.deviation),
          points(100 * t.closed_form), points(100 * t.best_smoothed), excess(100 * (t.best_smoothed - t.accuracy)),
          points(100 * t.best_exact), excess(100 * (t.best_exact - t.accuracy))})
      row += number_cell(cell);
    rows += html("<tr>{}</tr>\n", row);
  }
  return html(
      "<p class=\"about\">Simulated: a network that learns no more names each of {} test images rightly with the same probability (where "
      "some are "
      "harder than others, the best epoch gains less), tested in batches of {}; {} simulated trainings a row. Answers that are kept are "
      "those of the epoch before.</p>\n{}",
      trials.front().images, trials.front().batch, trials.front().trials,
      scrolling(number_head({"true accuracy", "answers kept", "epochs", "standard deviation, smoothed", "in theory, √(0.3 / 1.7) σ",
                             "highest smoothed", "above the true one", "highest proper", "above the true one"}),
                rows));
}

Html perturbing_figure(const std::optional<Figure>& figure, std::string_view kind = "") {
  if (!figure) return {};
  return html("<figure class=\"perturbing{}\">{}</figure>\n", kind, html_of(*figure));
}

Html about_fit(const MaskFitRecord& fit) {
  if (fit.points.empty()) return {};
  return html(
      "<p class=\"about\">{} of {}: {} of its channels and {} of its filters at {} pixels in the middle of the map; others are {} test "
      "images that "
      "nothing was fitted to. Masks and weights are fitted in turn by least squares, from two initialisations: there may be better masks, "
      "but no fixed mask sees a neighbour.</p>\n",
      fit.layer, fit.network, fit.channels, fit.filters, fit.positions, fit.fresh_images);
}

Html findings_list(const PerturbativeView& view) {
  Html items;
  for (const std::string& line : perturbative_findings(view)) items += html("<li>{}</li>\n", line);
  return items.empty() ? Html() : html("<ul class=\"findings\">\n{}</ul>\n", items);
}

}  // namespace

bool PerturbativeSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kPerturbativeFile); }

SectionContent PerturbativeSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["records"] = json_list();
  for (const RunFolder& run : runs) {
    const PerturbativeView view = read_perturbative(run.path);
    Html body;
    body += findings_list(view);
    body += perturbing_figure(perturbative_curves(view));
    if (!view.record.runs.empty()) body += runs_table(view);
    body += perturbing_figure(perturbative_meters(view));
    body += meters_table(meter_rows(view));
    body += other_meters_table(meter_rows(view));
    body += trials_table(view.record.trials);
    body += perturbing_figure(mask_fit_figure(view.record.fit));
    body += about_fit(view.record.fit);
    body += perturbing_figure(perturbative_budget(view), " wide");
    content.data["records"].push_back(fields_to_json(view.record));
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string_view PerturbativeSection::style() const { return kPerturbativeStyle; }

}  // namespace convscope
