#include "convscope/report/study/antialiasing_section.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "convscope/report/page/fold.h"
#include "convscope/results/antialiasing_comparison.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

Html number(const std::string& text) { return html("<td class=\"number\">{}</td>", text); }

/** "81.2", and below it what it may be. */
Html share(const AntialiasingNumber& n, int digits = 1) {
  if (!std::isfinite(n.value)) return number("–");
  const Html interval = std::isfinite(n.interval_95[0])
                            ? html("<small>{:.{}f}–{:.{}f}</small>", 100 * n.interval_95[0], digits, 100 * n.interval_95[1], digits)
                            : Html();
  return html("<td class=\"number\">{:.{}f}{}</td>", 100 * n.value, digits, interval);
}

/** Mean over the trainings. */
double mean_of(const std::vector<const AntialiasingRow*>& rows, const std::function<double(const AntialiasingRow&)>& number) {
  double sum = 0;
  for (const AntialiasingRow* row : rows) sum += number(*row);
  return sum / static_cast<double>(rows.size());
}

/** "+1.2", and below it what it may be; in bold where that leaves 0 out. */
Html points(const DifferenceToPlain& d) {
  if (!std::isfinite(d.value)) return number("–");
  const auto signed_points = [](double v) { return fmt::format("{}{:.1f}", v < 0 ? "−" : "+", std::abs(100 * v)); };
  const auto [low, high] = d.interval_95;
  if (!std::isfinite(low)) return number(signed_points(d.value));
  const Html value = low > 0 || high < 0 ? html("<b>{}</b>", signed_points(d.value)) : html("{}", signed_points(d.value));
  return html("<td class=\"number\">{}<small>{} to {}</small></td>", value, signed_points(low), signed_points(high));
}

Html differences_table(const AntialiasingRecord& record, const Path& folder) {
  using Row = AntialiasingRow;
  constexpr std::pair<const char*, double Row::*> kNumbers[] = {
      {"accuracy", &Row::accuracy},           {"two crops", &Row::crop},      {"circular", &Row::circular},
      {"every shift", &Row::worst},           {"FGSM", &Row::fgsm},           {"PGD", &Row::pgd},
      {"Auto\u00adAttack", &Row::autoattack}, {"corrupted", &Row::corrupted}, {"energy that folds", &Row::folded_energy}};
  Html rows, heads;
  for (const auto& [head, number] : kNumbers) heads += html("<th class=\"number\">{}</th>", head);
  for (const std::string& way : record.ways()) {
    const int64_t trainings = difference_to_plain(record, way, &Row::accuracy, folder).trainings;
    if (trainings == 0) continue;
    Html row = html("<th>{}{}</th>", way, trainings > 1 ? html("<small>{} seeds</small>", trainings) : Html());
    for (const auto& [head, number] : kNumbers) row += points(difference_to_plain(record, way, number, folder));
    rows += html("<tr>{}</tr>\n", row);
  }
  if (rows.empty()) return {};
  return html(
      "<h4>Beside the plain network</h4>\n<p class=\"about\">Each way less plain, in points, paired: by seeds where there are several that "
      "both have (Student's t over the differences), else by images (those on which one of both alone is right, or the differences image "
      "by "
      "image; another training would add to that). Bold: the 95 % interval leaves 0 out. Of so many intervals a few do by chance "
      "alone.</p>\n<div class=\"scroll\"><table class=\"beside-plain\">\n<thead><tr><th>points</th>{}</tr></thead>\n<tbody>\n{}</tbody>"
      "</table></div>\n",
      heads, rows);
}

Html networks_table(const AntialiasingRecord& record, const Path& folder) {
  using Row = AntialiasingRow;
  Html rows;
  for (const std::string& way : record.ways()) {
    const std::vector<const Row*> trainings = record.of(way);
    const auto told = [&](double Row::*number, RowInterval interval) { return share(number_of(record, way, number, interval)); };
    Html row = html("<th>{}{}</th>", way, trainings.size() > 1 ? html("<small>{} seeds</small>", trainings.size()) : Html());
    row += told(&Row::accuracy, &Row::accuracy_interval_95);
    row += told(&Row::crop, &Row::crop_interval_95);
    row += told(&Row::circular, &Row::circular_interval_95);
    row += told(&Row::worst, &Row::worst_interval_95);
    row += told(&Row::fgsm, &Row::fgsm_interval_95);
    row += told(&Row::pgd, &Row::pgd_interval_95);
    row += told(&Row::autoattack, &Row::autoattack_interval_95);
    row += told(&Row::corrupted, &Row::corrupted_interval_95);
    row += share(mean_corruption_error(record, way, folder));
    row += told(&Row::folded_energy, &Row::folded_energy_interval_95);
    for (double AliasingShares::*category :
         {&AliasingShares::non_aliased, &AliasingShares::aliased, &AliasingShares::tangled, &AliasingShares::no_pass})
      row += number(fmt::format("{:.1f}", 100 * mean_of(trainings, [&](const Row& r) { return r.shares.*category; })));
    row += number(fmt::format("{:.1f}", static_cast<double>(trainings.front()->macs) / 1e6));
    const double speed = mean_of(trainings, [](const Row& r) { return r.images_per_second; });
    row += number(std::isfinite(speed) ? fmt::format("{:.0f}", speed) : "–");
    rows += html("<tr>{}</tr>\n", row);
  }
  Html heads;
  for (const char* head : {"accuracy", "two crops", "circular", "every shift", "FGSM", "PGD", "Auto\u00adAttack", "corrupted", "mCE",
                           "energy that folds", "non-aliased", "aliased", "tangled", "no pass", "million multiply-adds", "images a second"})
    heads += html("<th class=\"number\">{}</th>", head);
  return html("<div class=\"scroll\"><table>\n<thead><tr><th>%</th>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n", heads, rows);
}

Html relations_table(const AntialiasingRecord& record) {
  Html rows;
  for (const AntialiasingRow& row : record.rows)
    for (const ImageRelation& r : row.relations)
      rows += html(
          "<tr><th>{}</th><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{} of {}</td><td class=\"number\">{}</td><td "
          "class=\"number\">{}</td></tr>\n",
          row.downsample, row.seed, r.what, r.cases, r.images, std::isfinite(r.correlation) ? fmt::format("{:+.3f}", r.correlation) : "–",
          std::isfinite(r.interval_95[0]) ? fmt::format("{:+.3f} to {:+.3f}", r.interval_95[0], r.interval_95[1]) : "–");
  return html(
      "<div class=\"scroll\"><table>\n<thead><tr><th>network</th><th class=\"number\">seed</th><th>images that are</th><th "
      "class=\"number\">how many</th><th "
      "class=\"number\">rank correlation with what folds</th><th class=\"number\">95 % interval</th></tr></thead>\n<tbody>\n{}</tbody>"
      "</table></div>\n",
      rows);
}

Html about(const AntialiasingRecord& record) {
  return html(
      "<p class=\"about\">{} images of {}, the same for all. {} Two crops up to {} pixels apart and circular shifts of up to {} pixels; "
      "FGSM, {} steps of PGD and AutoAttack (the first {} images) within ε = {}, L∞; 15 corruptions at five severities (the first {} "
      "images), and the mean corruption error of Hendrycks and Dietterich 2019, relative to the plain network instead of AlexNet (its "
      "interval takes plain's errors for as uncertain as the others). Small "
      "numbers are 95 % intervals: over trainings where there are several seeds (Student's t), else over images, to which another training "
      "would add. Shares of frequencies and the energy that folds are means over the places that drop samples, looked at behind their "
      "filters.</p>\n",
      record.images, record.data.text(),
      record.trained
          ? "Each network was trained from its beginning with the same recipe."
          : "Each has the weights of the same network, which were not trained on after it was changed: what it lost is no fault of the "
            "filter.",
      2 * record.shift, record.shift, record.pgd_steps, record.autoattack_images, epsilon_text(record.epsilon), record.corrupted_images);
}

constexpr int64_t kImagesShown = 250;  // points of a plot

/** What became of each image in one network, as the record tells. */
struct ImagesOfWay {
  std::string way;
  Tensor table;
};

/** Of each way the first training. */
std::vector<ImagesOfWay> images_of(const AntialiasingRecord& record, const Path& folder) {
  std::vector<ImagesOfWay> all;
  for (const std::string& way : record.ways()) {
    const AntialiasingRow& row = *record.of(way).front();
    const Path file = folder / row.per_image;
    if (row.per_image.empty() || !std::filesystem::exists(file)) continue;
    Tensor table = read_npy(file);
    require(table.shape() == Shape({record.images, AntialiasingRow::kColumns}) ||
                table.shape() == Shape({record.images, AntialiasingRow::kColumnsBefore}),
            "{}: {} of {} images; [{}, {}] was wanted", printable(file.string()), table.shape(), record.images, record.images,
            AntialiasingRow::kColumns);
    all.push_back({way, std::move(table)});
  }
  return all;
}

/** A point for each image: the energy that folds across, a share up; its colour is what became of it. */
Html scatter(const ImagesOfWay& images, int64_t column, std::string_view what, double widest) {
  constexpr double kSide = 150, kRim = 6;
  constexpr std::string_view kFates[] = {"", "fooled", "wrong"};
  Html points;
  for (int64_t n = 0; n < std::min(kImagesShown, images.table.shape()[0]); ++n) {
    const std::span<const float> row = images.table.row(n);
    const float up = row[static_cast<size_t>(column)];
    const auto fate = static_cast<size_t>(std::clamp(row[4], 0.0f, 2.0f));
    const bool known = std::isfinite(up) && std::isfinite(row[1]);
    points += html("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" class=\"{}\"/>", known ? kRim + row[1] / widest * kSide : 0.0,
                   known ? kRim + (1 - up) * kSide : 0.0, known ? 3 : 0, kFates[fate]);
  }
  return html(
      "<figure><svg viewBox=\"0 0 {0} {0}\" role=\"img\" aria-label=\"{1}: {2} over energy that folds\"><path d=\"M{3} {3}V{4}H{4}\"/>{5}"
      "</svg></figure>\n",
      kSide + 2 * kRim, images.way, what, kRim, kRim + kSide, points);
}

/** All images in all networks; the script tells one of them in all. */
Html linked_plots(const std::vector<ImagesOfWay>& all, Json& data) {
  if (all.empty()) return {};
  double widest = 0;
  for (const ImagesOfWay& images : all)
    for (int64_t n = 0; n < images.table.shape()[0]; ++n)
      if (std::isfinite(images.table.row(n)[1])) widest = std::max<double>(widest, images.table.row(n)[1]);
  if (widest == 0) widest = 1;
  const int64_t shown = std::min(kImagesShown, all.front().table.shape()[0]);
  data = json_list();
  Html plots;
  for (const ImagesOfWay& images : all) {
    plots += html("<div><h5>{}</h5>{}{}</div>\n", images.way, scatter(images, 2, "keeps its class", widest),
                  scatter(images, 3, "right under corruptions", widest));
    Json table = json_list();
    for (int64_t n = 0; n < shown; ++n) {
      Json row = json_list();
      for (const float v : images.table.row(n).first(AntialiasingRow::kColumnsBefore)) row.push_back(std::isfinite(v) ? Json(v) : Json());
      table.push_back(std::move(row));
    }
    data.push_back({{"way", images.way}, {"images", std::move(table)}});
  }
  return html(
      "<h4>Image by image</h4>\n<p class=\"about\">A point for each of the first {} images, with the first seed. Across, the energy that "
      "folds, "
      "0 to {:.1f} %; up, 0 to 100 %: above how many circular shifts leave its class, below under how many corruptions it is right. "
      "<i class=\"fate\"></i> right under PGD <i class=\"fate fooled\"></i> fooled by it <i class=\"fate wrong\"></i> wrong without. A "
      "point that is chosen is shown in all plots.</p>\n<form class=\"tools\" hidden><label>image <input type=\"number\" name=\"place\" "
      "min=\"1\" max=\"{}\" value=\"1\"></label><output></output></form>\n<div class=\"linked\">\n{}</div>\n",
      shown, 100 * widest, shown, plots);
}

constexpr std::string_view kAntialiasingStyle = R"css(
.antialiasing td small { display: block; color: var(--muted); }
.antialiasing table { margin: 0 0 1.75rem; }
.antialiasing th small { display: block; font-weight: 400; }
.linked { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem 1.25rem; }
.linked h5 { margin: 0 0 .4rem; font-size: .875rem; font-weight: 500; }
.linked figure + figure { margin-top: .5rem; }
.linked path { fill: none; stroke: var(--axis); }
.linked circle { fill: var(--run-0); fill-opacity: .45; cursor: pointer; }
.linked .fooled { fill: var(--run-4); }
.linked .wrong { fill: var(--run-1); }
.linked .chosen { fill-opacity: 1; stroke: var(--ink); stroke-width: 2; }
.fate { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin: 0 .25rem 0 .75rem; background: var(--run-0); }
.fate.fooled { background: var(--run-4); }
.fate.wrong { background: var(--run-1); }
.antialiasing input[type=number] { font: inherit; width: 5rem; color: var(--ink); background: var(--surface); border: 1px solid var(--line); }
)css";

constexpr std::string_view kAntialiasingScript = R"js(
// Anti-aliasing: an image that is chosen in one plot is shown in all, and its numbers beside.
document.querySelectorAll("#antialiasing .linked").forEach((block, k) => {
  const tools = block.previousElementSibling, ways = data.antialiasing.runs[k], fates = ["right", "fooled", "wrong"];
  const plots = [...block.querySelectorAll("svg")].map(svg => [...svg.querySelectorAll("circle")]);
  const choose = n => {
    if (!(n >= 0 && n < plots[0].length)) return;
    for (const old of block.querySelectorAll(".chosen")) old.classList.remove("chosen");
    for (const points of plots) {
      points[n].classList.add("chosen");
      points[n].parentNode.appendChild(points[n]);
    }
    tools.elements.place.value = n + 1;
    tools.querySelector("output").textContent = "#" + ways[0].images[n][0] + ": " +
      ways.map(({way, images}) => `${way} ${fates[images[n][4]]}, ${percent(images[n][1])} folds`).join("; ");
  };
  plots.forEach(points => points.forEach((point, n) => {
    point.addEventListener("click", () => choose(n));
    point.addEventListener("pointerenter", () => choose(n));
  }));
  tools.hidden = false;
  tools.addEventListener("input", () => choose(tools.elements.place.valueAsNumber - 1));
  tools.addEventListener("submit", e => e.preventDefault());
  choose(0);
});
)js";

}  // namespace

bool AntialiasingSection::applies(const Path& folder) const { return std::filesystem::exists(folder / kAntialiasingFile); }

SectionContent AntialiasingSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["runs"] = json_list();
  for (const RunFolder& run : runs) {
    const auto record = read_record<AntialiasingRecord>(run.path / kAntialiasingFile);
    Html findings;
    for (const std::string& line : relation_findings(record)) findings += html("<li>{}</li>\n", line);
    Html body = about(record);
    body += networks_table(record, run.path);
    body += differences_table(record, run.path);
    Json points;
    body += linked_plots(images_of(record, run.path), points);
    if (!points.is_null()) content.data["runs"].push_back(std::move(points));
    body += html("<h4>Does what folds tell which images are wrong, fooled or shifted away?</h4>\n<ul class=\"findings\">\n{}</ul>\n{}",
                 findings, relations_table(record));
    content.body += part_of_run(run, html("<div class=\"antialiasing\">\n{}</div>\n", body));
  }
  return content;
}

std::string_view AntialiasingSection::style() const { return kAntialiasingStyle; }
std::string_view AntialiasingSection::script() const { return kAntialiasingScript; }

}  // namespace convscope
