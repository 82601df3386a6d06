#include "convscope/report/attribution/quality_table.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/text.h"
#include "convscope/report/page/fold.h"

namespace convscope {

namespace {

std::string interval_text(const MapQuality& q) {
  return q.interval.size() == 2 ? fmt::format("{} to {}", quality_number(q.interval[0]), quality_number(q.interval[1])) : "";
}

bool stands_out(const MapQuality& q) { return q.verdict.starts_with("better") || q.verdict.starts_with("changes"); }

/** A number; where it is judged and does not stand out, the page says so. */
Html value_cell(const MapQuality& q) {
  const Html said = q.verdict.empty() || stands_out(q) ? Html() : html("<small class=\"chance\">{}</small>", q.verdict);
  return html("<td class=\"number\">{}<small>{}</small>{}</td>", quality_number(q.value), interval_text(q), said);
}

Html compared(std::span<const AttributionRecord* const> checked) {
  Html heads, rows;
  const std::vector<const MapQuality*> measures = measures_of(checked);
  for (const MapQuality* q : measures)
    heads += html("<th class=\"number\" title=\"{}\">{}<small>{} is better</small></th>", q->about, q->metric, q->better);
  for (const AttributionRecord* record : checked) {
    Html cells;
    for (const MapQuality* measure : measures) {
      const MapQuality* own = measured_alike(*record, *measure, checked);
      cells += own ? value_cell(*own) : html("<td class=\"number\">–</td>");
    }
    const MapCost cost = record->cost.value_or(MapCost());
    rows += html(
        "<tr><th scope=\"row\">{}</th>{}<td class=\"number\">{:.0f}<small>{:.0f} with slopes</small></td><td "
        "class=\"number\">{:.3g}</td><td class=\"number\">{}</td></tr>\n",
        record->method, cells, cost.forward, cost.backward, cost.seconds,
        std::isfinite(cost.memory) ? bytes_text(static_cast<int64_t>(cost.memory)) : "–");
  }
  return html(
      "<div class=\"scroll\"><table class=\"epochs quality\"><caption>How good the maps are: means over the images, with 95 % "
      "intervals</caption>"
      "<thead><tr><th>method</th>{}<th class=\"number\">passes<small>of an image</small></th><th class=\"number\">seconds<small>of an "
      "image</small></th><th class=\"number\">memory<small>of all</small></th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      heads, rows);
}

Html beside_controls(const AttributionRecord& record) {
  Html rows;
  for (const MapQuality& q : *record.quality)
    rows += html(
        "<tr><th scope=\"row\">{}<small>{}</small></th><td class=\"number\">{}<small>{}</small></td><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td><td class=\"number\">{}</td><td>{}<small>{}</small></td><td class=\"number\">{}</td><td "
        "class=\"number\">{:.1f}</td></tr>\n",
        q.metric, q.about, quality_number(q.value), interval_text(q), quality_number(q.controls.random), quality_number(q.controls.centre),
        quality_number(q.controls.random_network), q.verdict, curve_text(q), q.passes, q.seconds);
  const Html table = html(
      "<div class=\"scroll\"><table class=\"epochs quality\"><thead><tr><th></th><th class=\"number\">{}</th><th "
      "class=\"number\">noise</th><th class=\"number\">centre</th><th class=\"number\">random network</th><th></th><th "
      "class=\"number\">passes</th><th class=\"number\">seconds</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      record.method, rows);
  return folded(html("<b>{}</b>: {}", record.method, quality_text(*record.quality)), table);
}

}  // namespace

Html quality_tables(std::span<const AttributionRecord> records) {
  std::vector<const AttributionRecord*> checked;
  for (const AttributionRecord& record : records)
    if (record.quality && !record.quality->empty()) checked.push_back(&record);
  if (checked.empty()) return {};
  Html all = compared(checked);
  for (const AttributionRecord* record : checked) all += beside_controls(*record);
  all += html(
      "<p class=\"about\">Controls know nothing of the network: noise, a Gaussian in the middle, and the same method on a "
      "network of drawn weights. A method is better than one where its images are, by more than two standard errors. Of "
      "model-randomisation the end of the curve is judged, where all layers are drawn anew: clearly below 0.2 it changes with the "
      "weights; where it is not clearly below 0.5 it hardly does, or the images are too few to tell.</p>\n");
  return all;
}

}  // namespace convscope
