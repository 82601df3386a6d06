#include "convscope/report/evaluation/predictions_section.h"

#include <algorithm>

#include "convscope/report/draw/montage.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kMostCards = 96;  // of each list, shared by all runs of the page

Path sheet_file(const Path& folder) { return folder / kPredictions / kSheetFile; }

Html picture_of(const SheetEntry& e, const Path& folder) {
  const Path file = folder / kPredictions / e.picture;
  if (e.picture.empty() || !std::filesystem::exists(file)) return html("<span class=\"no-picture\">no picture</span>");
  return picture(fmt::format("image {}", e.index), data_address(shrunk(read_image(file), kLongestSide)));
}

Html prediction_card(const SheetEntry& e, const PredictionSheet& sheet, const Path& folder) {
  const auto name = [&](int64_t y) -> const std::string& { return sheet.classes[static_cast<size_t>(y)]; };
  return html(
      "<li class=\"card {}\" data-index=\"{}\" data-label=\"{}\" data-confidence=\"{:.6f}\" tabindex=\"0\">{}"
      "<b>{}</b><span class=\"said\">{}{}</span><small>{:.1f} % <i>#{}</i></small></li>\n",
      e.right() ? "right" : "wrong", e.index, e.label, e.confidence, picture_of(e, folder), name(e.label),
      e.right() ? html("<span class=\"mark\">✓</span> right") : html("<span class=\"mark\">✗</span> "),
      e.right() ? std::string() : name(e.predicted), 100 * e.confidence, e.index);
}

Html cards(std::span<const SheetEntry> entries, const char* list, const PredictionSheet& sheet, const Path& folder) {
  Html all;
  for (const SheetEntry& e : entries) all += prediction_card(e, sheet, folder);
  return html("<ul class=\"cards\" data-list=\"{}\">\n{}</ul>\n", list, all);
}

/** Works by the script alone, so it is shown by it. */
Html toolbar(const PredictionSheet& sheet) {
  Html classes;
  for (size_t y = 0; y < sheet.classes.size(); ++y) classes += html("<option value=\"{}\">{}</option>", y, sheet.classes[y]);
  return html(
      "<form class=\"tools\" hidden>"
      "<label>show <select name=\"show\"><option value=\"\">all</option><option value=\"right\">the right ones</option>"
      "<option value=\"wrong\">the wrong ones</option></select></label>"
      "<label>class <select name=\"label\"><option value=\"\">any</option>{}</select></label>"
      "<label>order <select name=\"order\"><option value=\"\">as listed</option><option value=\"sure\">surest first</option>"
      "<option value=\"unsure\">least sure first</option></select></label></form>\n",
      classes);
}

constexpr std::string_view kPredictionsStyle = R"css(
.cards { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .75rem; }
@media (max-width: 40rem) { .cards { grid-template-columns: repeat(auto-fill, minmax(5.8rem, 1fr)); gap: .5rem; } }
.card { background: var(--surface); border-radius: .5rem; padding: .55rem .6rem .5rem; display: flex; flex-direction: column; min-width: 0;
  border-top: 3px solid transparent; font-size: .84rem; line-height: 1.35; break-inside: avoid; }
.card[hidden] { display: none; }
.card.wrong { border-top-color: var(--wrong); }
.card img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; border-radius: .25rem; margin-bottom: .4rem; }
.card b, .said { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.card b { font-weight: 600; }
.said { color: var(--muted); }
.wrong .said { color: var(--wrong); font-weight: 500; }
.mark { font-weight: 700; }
.card small { display: flex; gap: .3rem; white-space: nowrap; justify-content: space-between; font-variant-numeric: tabular-nums; font-size: .75rem; }
.card i { font-style: normal; }
@media print {
  .cards { grid-template-columns: repeat(auto-fill, minmax(5.2rem, 1fr)); gap: .4rem; }
  .card { border: 1px solid var(--line); background: none; padding: .35rem; }
  .card.wrong { border-color: var(--wrong); }
  .card small { font-size: .62rem; }
}
)css";

constexpr std::string_view kPredictionsScript = R"js(
// Predictions: filter, order, and the five likeliest classes of a picture.
for (const part of document.querySelectorAll("[data-sheet]")) {
  const sheet = data.predictions.sheets[part.dataset.sheet], tools = part.querySelector("form");
  tools.hidden = false;
  const arrange = () => {
    const wanted = Object.fromEntries(new FormData(tools));
    for (const list of part.querySelectorAll("[data-list]")) {
      list.original ??= [...list.children];
      const cards = [...list.original];
      if (wanted.order) cards.sort((a, b) => (wanted.order === "sure" ? 1 : -1) * (b.dataset.confidence - a.dataset.confidence));
      for (const card of cards)
        card.hidden = wanted.show !== "" && !card.classList.contains(wanted.show) || wanted.label !== "" && card.dataset.label !== wanted.label;
      list.replaceChildren(...cards);
      if (cards.every(card => card.hidden)) list.append(element("li", "none", "nothing"));
    }
  };
  tools.addEventListener("change", arrange);
  tools.addEventListener("submit", e => e.preventDefault());
  for (const list of part.querySelectorAll("[data-list]")) {
    const entries = new Map(sheet[list.dataset.list].map(entry => [String(entry.index), entry]));
    const tell = e => {
      const card = e.target.closest(".card");
      if (!card) return;
      const entry = entries.get(card.dataset.index), box = card.getBoundingClientRect();
      show(box.right - 16, box.top + box.height / 2, `image ${entry.index}: ${sheet.classes[entry.label]}`,
           entry.top.map(c => [c.class, percent(c.confidence)]));
    };
    list.addEventListener("pointerover", tell);
    list.addEventListener("focusin", tell);
    list.addEventListener("pointerleave", hide);
    list.addEventListener("focusout", hide);
  }
}
)js";

}  // namespace

bool PredictionsSection::applies(const Path& folder) const { return std::filesystem::exists(sheet_file(folder)); }

SectionContent PredictionsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["sheets"] = json_list();
  for (const RunFolder& run : runs) {
    const Path file = sheet_file(run.path);
    const PredictionSheet sheet = read_record<PredictionSheet>(file);
    Html body;
    Html lists = toolbar(sheet);
    const size_t most = std::max<size_t>(8, kMostCards / runs.size());
    const auto some = [most](const std::vector<SheetEntry>& all) { return std::span(all).first(std::min(most, all.size())); };
    const auto first = some(sheet.first), mistakes = some(sheet.mistakes);
    lists += folded(html("<h4>{} of {} images{}</h4>", first.size(), sheet.total,
                         first.size() < static_cast<size_t>(sheet.total) ? ", drawn at random" : ""),
                    cards(first, "first", sheet, run.path), sheet.mistakes.empty());
    if (!sheet.mistakes.empty())
      lists += folded(html("<h4>The {} most confident mistakes</h4>", mistakes.size()), cards(mistakes, "mistakes", sheet, run.path), true);
    body += html("<p class=\"about\">{} on {}</p>\n<div class=\"sheet\" data-sheet=\"{}\">\n{}</div>\n", sheet.network.name,
                 sheet.data.text(), content.data["sheets"].size(), lists);
    content.data["sheets"].push_back(fields_to_json(sheet));
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string PredictionsSection::title(const Path& folder) const { return network_on_data(read_result(sheet_file(folder))); }

std::string_view PredictionsSection::style() const { return kPredictionsStyle; }
std::string_view PredictionsSection::script() const { return kPredictionsScript; }

}  // namespace convscope
