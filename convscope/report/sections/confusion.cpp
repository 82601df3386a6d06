#include "convscope/report/sections/confusion.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/confusion_matrix.h"
#include "convscope/report/line_plot.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kMostPairs = 12;

struct Pair {
  size_t is, said;
  int64_t count;
  double share;  // of the true class
};

std::vector<Pair> most_confused(const Evaluation& e) {
  std::vector<Pair> pairs;
  for (size_t is = 0; is < e.confusion.size(); ++is) {
    int64_t all = 0;
    for (const int64_t count : e.confusion[is]) all += count;
    for (size_t said = 0; said < e.confusion[is].size(); ++said)
      if (const int64_t count = e.confusion[is][said]; is != said && count > 0)
        pairs.push_back({is, said, count, static_cast<double>(count) / static_cast<double>(all)});
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.count > b.count; });
  if (pairs.size() > kMostPairs) pairs.resize(kMostPairs);
  return pairs;
}

Html tiles(const Evaluation& e) {
  Html all = html("<div class=\"tile\"><span>accuracy</span><b>{}</b><small>{} of {} right; 95 % interval {} to {}</small></div>\n",
                  percent_text(100 * e.accuracy), e.correct, e.total, percent_text(100 * e.accuracy_interval_95[0]),
                  percent_text(100 * e.accuracy_interval_95[1]));
  if (std::isfinite(e.top5_accuracy))
    all += html("<div class=\"tile\"><span>among the top 5</span><b>{}</b></div>\n", percent_text(100 * e.top5_accuracy));
  if (std::isfinite(e.loss))
    all += html("<div class=\"tile\"><span>loss</span><b>{}</b><small>mean cross-entropy</small></div>\n", three_digits(e.loss));
  return html("<div class=\"tiles\">\n{}</div>\n", all);
}

Html pairs_table(const Evaluation& e) {
  const std::vector<Pair> pairs = most_confused(e);
  if (pairs.empty()) return html("<p>No image is taken for another class.</p>\n");
  double largest = 0;
  for (const Pair& p : pairs) largest = std::max(largest, p.share);
  Html rows;
  for (const Pair& p : pairs)
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
  content.data["matrices"] = Json::array();
  for (const RunFolder& run : runs) {
    const Path file = run.path / kEvaluation;
    const Evaluation e = record_from_json<Evaluation>(read_result(file), printable(file.string()));
    require(!e.classes.empty(), "{}: an evaluation without classes", printable(file.string()));
    if (!run.alone) content.body += html("<h3>{}</h3>\n", run.name);
    const Figure figure = confusion_matrix(e, "");
    content.body += html(
        "{}<div class=\"beside\"><figure class=\"matrix\" data-matrix=\"{}\" style=\"--width:{}px\">{}</figure>\n<div>{}</div></div>\n",
        tiles(e), content.data["matrices"].size(), figure.width(), html_of(figure), pairs_table(e));
    Json matrix = {{"run", run.name}, {"accuracy", e.accuracy}, {"correct", e.correct}, {"total", e.total}};
    if (const std::optional<Box> cells = confusion_cells(e, "")) {
      const Evaluation shown = with_classes_that_occur(e);
      matrix["classes"] = shown.classes;
      matrix["counts"] = shown.confusion;
      matrix["cells"] = {cells->x, cells->y, cells->width, cells->height};
    }
    content.data["matrices"].push_back(std::move(matrix));
  }
  return content;
}

std::string_view ConfusionSection::script() const { return kConfusionScript; }

}  // namespace convscope
