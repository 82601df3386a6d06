#include "convscope/report/inspect/feature_gallery.h"

#include <cmath>

#include "convscope/base/version.h"
#include "convscope/report/inspect/feature_sheet.h"
#include "convscope/report/inspect/neuron_sheet.h"
#include "convscope/report/page/html.h"
#include "convscope/report/page/page_parts.h"

namespace convscope {

namespace {

constexpr std::string_view kGalleryStyle = R"css(
body { max-width: 110rem; }
.units { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.5rem 1.25rem; }
.unit { content-visibility: auto; contain-intrinsic-size: auto 17rem auto 22rem; border-top: 1px solid var(--line); padding-top: .6rem; min-width: 0; }
.unit h2 { font-size: 1rem; margin: 0 0 .4rem; }
.unit h2 a { color: inherit; text-decoration: none; }
.unit:target h2 { color: var(--run-1); }
.unit .sides { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; align-items: start; }
.unit img { width: 100%; display: block; background: var(--surface); image-rendering: pixelated; border-radius: .2rem; }
.unit figcaption, .unit details { font-size: .75rem; color: var(--muted); margin: .25rem 0 0; font-variant-numeric: tabular-nums; }
.unit .made figure + figure { margin-top: .5rem; }
.unit i { position: absolute; left: calc(100% * var(--l)); top: calc(100% * var(--t)); width: calc(100% * var(--w)); height: calc(100% * var(--h));
  border: 1px solid #ffd400; box-shadow: 0 0 0 1px rgb(0 0 0 / .6); pointer-events: none; }
.unit .seen { position: relative; }
.unit summary { font-size: .75rem; }
.unit ol { margin: .3rem 0 0; padding-left: 1.4rem; }
input[type=search] { font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .5rem; }
)css";

constexpr std::string_view kGalleryScript = R"js("use strict";
const tools = document.querySelector(".tools"), units = [...document.querySelectorAll(".unit")], shown = tools.querySelector("output");
const number = (unit, key) => { const v = parseFloat(unit.dataset[key]); return Number.isNaN(v) ? -Infinity : v; };
const arrange = () => {
  const key = tools.elements.order.value, words = tools.elements.words.value.trim().toLowerCase();
  const sorted = key ? [...units].sort((a, b) => number(b, key) - number(a, key)) : units;
  for (const unit of sorted) unit.parentNode.appendChild(unit);
  let count = 0;
  for (const unit of units) {
    unit.hidden = !unit.dataset.words.toLowerCase().includes(words);
    if (!unit.hidden) ++count;
  }
  shown.textContent = `${count} of ${units.length}`;
};
tools.hidden = false;
tools.addEventListener("input", arrange);
tools.addEventListener("submit", e => e.preventDefault());
arrange();
)js";

Html lazy_picture(std::string_view said, std::string_view file, double aspect) {
  return html("<img loading=\"lazy\" decoding=\"async\" alt=\"{}\" src=\"{}\" style=\"aspect-ratio:{:.4f}\">", said, file, aspect);
}

/** The data's images as they lie in one file, with the part of each that the channel sees. */
Html driving(const FeaturesRecord& record, const FeatureRecord& feature, double aspect) {
  if (feature.tiles.empty() || feature.top.empty()) return {};
  const int64_t columns = record.columns, rows = (std::ssize(feature.top) + columns - 1) / columns;
  Html outlines, lines;
  for (int64_t n = 0; n < std::ssize(feature.top); ++n) {
    const NeuronImage& top = feature.top[static_cast<size_t>(n)];
    if (const Box part = field_of(top, record.size[0], record.size[1]); part.width > 0)
      outlines += html("<i style=\"--l:{:.4f};--t:{:.4f};--w:{:.4f};--h:{:.4f}\"></i>",
                       (static_cast<double>(n % columns) + part.x) / static_cast<double>(columns),
                       (static_cast<double>(n / columns) + part.y) / static_cast<double>(rows), part.width / static_cast<double>(columns),
                       part.height / static_cast<double>(rows));
    lines += html("<li>{:.3g} #{} {}</li>", top.activation, top.image, top.label);
  }
  return html("<div><div class=\"seen\">{}{}</div><details><summary>{} images</summary><ol>{}</ol></details></div>",
              lazy_picture(fmt::format("images that drive {} {}", feature_name(feature), record.down() ? "least" : "most"), feature.tiles,
                           aspect * static_cast<double>(columns) / static_cast<double>(rows)),
              outlines, feature.top.size(), lines);
}

Html unit(const FeaturesRecord& record, const FeatureRecord& feature) {
  const double aspect = record.size.size() == 2 ? static_cast<double>(record.size[1]) / static_cast<double>(record.size[0]) : 1;
  const std::string name = feature_name(feature);
  std::string words = name;
  for (const NeuronImage& top : feature.top)
    if (!top.label.empty() && words.find(top.label) == std::string::npos) words += " " + top.label;
  Html made;
  const double sign = record.down() ? -1 : 1;  // so that in each order the farthest driven comes first
  double reached = kUnknown, times = kUnknown;
  for (const FeaturePicture& one : feature.pictures) {
    const std::string& file = one.seen.empty() ? one.png : one.seen;
    if (!file.empty())
      made += html("<figure>{}<figcaption>{}</figcaption></figure>", lazy_picture("made for " + name, file, aspect),
                   reached_text(record, feature, one));
    reached = record.down() ? std::fmin(reached, one.end) : std::fmax(reached, one.end);
    times = std::fmax(times, one.times);
  }
  return html(
      "<article class=\"unit\" id=\"unit-{0}\" data-words=\"{1}\" data-times=\"{2}\" data-reached=\"{3}\" data-best=\"{4}\">"
      "<h2><a href=\"#unit-{0}\">{5}</a></h2><div class=\"sides\"><div class=\"made\">{6}</div>{7}</div></article>\n",
      feature.channel, words, times, sign * reached, sign * feature.best(), name, made, driving(record, feature, aspect));
}

}  // namespace

std::string feature_gallery(const FeaturesRecord& record) {
  Html units;
  for (const FeatureRecord& feature : record.features) units += unit(record, feature);
  const std::string title = fmt::format("{}: what {} channels look for", record.node, record.features.size());
  return html(
             "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}</title>\n<style>\n{1}{2}{3}</style>\n</head>\n<body>\n"
             "<header>\n<h1>{0}</h1>\n<p class=\"names\"><span>{4}</span></p></header>\n<main>\n"
             "<p class=\"about\">{5}. {6} steps {13} the slope of {7}; beside each picture the {14} of {8} images of {9}, outlined what "
             "the "
             "channel sees from where it answers {15}; no outline where it sees all.</p>\n"
             "<form class=\"tools\" hidden><label>order <select name=\"order\"><option value=\"\">channel</option>"
             "{16}<option value=\"reached\">number of the picture</option>"
             "<option value=\"best\">number of the {14} image</option></select></label>"
             "<label>find <input type=\"search\" name=\"words\" placeholder=\"channel or class\"></label><output></output></form>\n"
             "<div class=\"units\">\n{10}</div>\n</main>\n<footer>made by convscope {11}; its pictures lie beside it</footer>\n"
             "<script>\n{12}</script>\n</body>\n</html>\n",
             title, Html(colour_rules()), Html(std::string(kPageStyle)), Html(std::string(kGalleryStyle)), record.network.name,
             record.about, record.steps, record.number, record.images, record.data.text(), units, version(),
             Html(std::string(kGalleryScript)), record.down() ? "down" : "up", record.down() ? "lowest" : "best",
             record.down() ? "least" : "most",
             record.down() ? Html() : html("<option value=\"times\">picture over the best image</option>"))
      .markup();
}

}  // namespace convscope
