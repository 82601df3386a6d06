#include "convscope/report/evaluation/confusion_section.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/draw/line_plot.h"
#include "convscope/report/evaluation/confusion_matrix.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/confusions.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kMostPairs = 12;

Html evaluation_tiles(const Evaluation& e) {
  Html all = html("<div class=\"tile\"><span>accuracy</span><b>{}</b><small>{} of {} right; 95 % interval {} to {}</small></div>\n",
                  percent_text(100 * e.accuracy), e.correct, e.total, percent_text(100 * e.accuracy_interval_95[0]),
                  percent_text(100 * e.accuracy_interval_95[1]));
  if (std::isfinite(e.top5_accuracy))
    all += html("<div class=\"tile\"><span>among the top 5</span><b>{}</b></div>\n", percent_text(100 * e.top5_accuracy));
  if (std::isfinite(e.loss))
    all += html("<div class=\"tile\"><span>loss</span><b>{}</b><small>mean{}{}</small></div>\n", three_digits(e.loss),
                e.loss_name.empty() ? "" : " of ", e.loss_name);
  return html("<div class=\"tiles\">\n{}</div>\n", all);
}

Html pairs_table(const Evaluation& e) {
  const std::vector<Confusion> pairs = most_confused(e, kMostPairs);
  if (pairs.empty()) return html("<p>No image is taken for another class.</p>\n");
  double largest = 0;
  for (const Confusion& p : pairs) largest = std::max(largest, p.share);
  Html rows;
  for (const Confusion& p : pairs)
    rows += html(
        "<tr><td>{}</td><td>{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{:.1f} %</td><td><span class=\"bar\" style=\"--share:{:.3f}\"></span></td></tr>\n",
        e.classes[p.is], e.classes[p.said], p.count, 100 * p.share, p.share / largest);
  return html(
      "<div class=\"scroll\"><table>\n<caption>Most confused</caption>\n<thead><tr><th>it is</th><th>taken for</th><th "
      "class=\"number\">times"
      "</th><th class=\"number\">of its class</th><th></th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      rows);
}

constexpr std::string_view kConfusionStyle = R"css(
.beside { display: grid; grid-template-columns: minmax(0, max-content) minmax(0, 1fr); gap: 1.5rem 2.5rem; align-items: start; }
.chosen { fill: none; stroke: var(--ink); stroke-width: 2; pointer-events: none; }
@media (max-width: 62rem) { .beside { grid-template-columns: minmax(0, 1fr); } }
.bar { display: inline-block; vertical-align: middle; width: 5rem; height: .5rem; border-radius: .25rem;
  background: linear-gradient(to right, var(--wrong) calc(100% * var(--share)), var(--surface) 0); }
@media print { .bar { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
)css";

constexpr std::string_view kConfusionScript = R"js(
// Confusion: what a cell counts.
for (const figure of document.querySelectorAll("[data-matrix]")) {
  const matrix = data.confusion.matrices[figure.dataset.matrix], svg = figure.querySelector("svg");
  if (!matrix.counts) continue;
  const [left, top, side] = matrix.cells, count = matrix.classes.length, cell = side / count;
  const ring = drawn(svg, "rect", {class: "chosen", width: cell, height: cell, visibility: "hidden"});
  const clear = () => { ring.setAttribute("visibility", "hidden"); hide(); };
  figure.addEventListener("pointerleave", clear);
  figure.addEventListener("pointermove", e => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    const said = Math.floor(((e.clientX - box.left) * scale - left) / cell), is = Math.floor(((e.clientY - box.top) * scale - top) / cell);
    if (said < 0 || is < 0 || said >= count || is >= count) return clear();
    ring.setAttribute("x", left + said * cell);
    ring.setAttribute("y", top + is * cell);
    ring.setAttribute("visibility", "visible");
    const row = matrix.counts[is], all = row.reduce((a, b) => a + b, 0), times = row[said];
    show(e.clientX, e.clientY, is === said ? `${matrix.classes[is]}: right` : `${matrix.classes[is]} taken for ${matrix.classes[said]}`,
         [["images", `${times} of ${all}`], ["share of the class", all ? percent(times / all) : "–"]]);
  });
}

)js";

}  // namespace

bool ConfusionSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kEvaluation); }

SectionContent ConfusionSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["matrices"] = json_list();
  for (const RunFolder& run : runs) {
    const Path file = run.path / kEvaluation;
    const Evaluation e = read_record<Evaluation>(file);
    require(!e.classes.empty(), "{}: an evaluation without classes", printable(file.string()));
    Html body;
    const Figure figure = confusion_matrix(e, "");
    body += html(
        "{}<div class=\"beside\"><figure class=\"matrix\" data-matrix=\"{}\" style=\"--width:{}px\">{}</figure>\n<div>{}</div></div>\n",
        evaluation_tiles(e), content.data["matrices"].size(), figure.width(), html_of(figure), pairs_table(e));
    Json matrix = {{"run", run.name}, {"accuracy", e.accuracy}, {"correct", e.correct}, {"total", e.total}};
    if (const std::optional<Box> cells = confusion_cells(e, "")) {
      const Evaluation shown = with_classes_that_occur(e, kMostNamedClasses);
      matrix["classes"] = shown.classes;
      matrix["counts"] = shown.confusion;
      matrix["cells"] = {cells->x, cells->y, cells->width, cells->height};
    }
    content.data["matrices"].push_back(std::move(matrix));
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string_view ConfusionSection::style() const { return kConfusionStyle; }
std::string_view ConfusionSection::script() const { return kConfusionScript; }

}  // namespace convscope
