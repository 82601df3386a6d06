#include "convscope/report/watch/watch_section.h"

#include <algorithm>
#include <cmath>

#include "convscope/report/page/fold.h"
#include "convscope/report/watch/watch_film.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/resize.h"

namespace convscope {

namespace {

constexpr int64_t kMostFrames = 120, kFewFrames = 24, kMostSide = 64, kLeastSide = 16;
constexpr int64_t kMostPixels = 2'600'000;  // of all strips of a run: about three megabytes of page

/** How many frames, and how large, fit into the page. */
struct Size {
  int64_t frames, rows, columns;
};
Size size_of(const WatchRecord& record, int64_t recorded) {
  const int64_t longest = std::max(record.rows, record.columns), strips = std::ssize(record.methods) * std::ssize(record.images);
  for (int64_t side = std::min(longest, kMostSide);; side -= 4) {
    const auto scaled = [&](int64_t extent) { return side >= longest ? extent : std::max<int64_t>(1, extent * side / longest); };
    Size size{0, scaled(record.rows), scaled(record.columns)};
    const int64_t fit = kMostPixels / (strips * (size.rows + 2) * size.columns);
    size.frames = std::min({recorded, kMostFrames, std::max<int64_t>(2, fit)});
    if (size.frames >= std::min(recorded, kFewFrames) || side <= kLeastSide) return size;
  }
}

/** A film of one image as one tall picture. Each frame repeats its first and last row, so that no neighbour shows where pixels are split.
 */
class Strip {
 public:
  explicit Strip(const Size& size)
      : stride_(size.rows + 2),
        image_{3, size.frames * stride_, size.columns,
               std::vector<uint8_t>(static_cast<size_t>(3 * size.frames * stride_ * size.columns))} {}
  void put(int64_t frame, const Image& map) {
    for (int64_t c = 0; c < 3; ++c)
      for (int64_t i = 0; i < stride_; ++i) {
        const int64_t row = std::clamp<int64_t>(i - 1, 0, map.rows - 1);
        std::copy_n(map.pixels.data() + (c * map.rows + row) * map.columns, map.columns,
                    image_.pixels.data() + (c * image_.rows + frame * stride_ + i) * image_.columns);
      }
  }
  std::string address() const { return data_address(image_); }

 private:
  int64_t stride_;
  Image image_;
};

/** Evenly spread, the first and the last among them. */
std::vector<int64_t> chosen_frames(int64_t recorded, int64_t count) {
  std::vector<int64_t> all;
  for (int64_t k = 0; k < count; ++k) all.push_back(count == 1 ? recorded - 1 : k * (recorded - 1) / (count - 1));
  return all;
}

struct Reel {
  WatchRecord record;
  WatchSurvey seen;
  Size size;
  std::vector<std::vector<Strip>> strips;  // [M][N]
  Json data;
};

Reel reel_of(const Path& folder) {
  Reel reel{read_watch(folder), {}, {}, {}, json_object()};
  reel.seen = survey(folder, reel.record);
  const int64_t recorded = std::ssize(reel.seen.updates);
  require(recorded > 0, "{}: it has no frames", folder.string());
  reel.size = size_of(reel.record, recorded);
  reel.strips.assign(reel.record.methods.size(), std::vector<Strip>(reel.record.images.size(), Strip(reel.size)));
  const std::vector<int64_t> chosen = chosen_frames(recorded, reel.size.frames);
  std::vector<ColourScale> colours;
  for (size_t m = 0; m < reel.record.methods.size(); ++m) colours.push_back(film_colours(reel.record.methods[m], reel.seen.scales[m]));
  Json updates = json_list(), predicted = json_list(), confidence = json_list();
  int64_t at = 0, kept = 0;
  for_each_frame(folder, reel.record, [&](const WatchFrames& frames, int64_t f) {
    if (kept == reel.size.frames || at++ != chosen[static_cast<size_t>(kept)]) return;
    updates.push_back(frames.updates[static_cast<size_t>(f)]);
    Json classes = json_list(), shares = json_list();
    for (int64_t n = 0; n < frames.images; ++n) {
      const size_t i = static_cast<size_t>(f * frames.images + n);
      classes.push_back(frames.predicted[i]);
      shares.push_back(std::round(1000 * static_cast<double>(frames.confidence[i])) / 1000);
      for (int64_t m = 0; m < frames.methods; ++m) {
        const Image map = film_map(frames, f, m, n, colours[static_cast<size_t>(m)]);
        const bool fits = map.rows == reel.size.rows && map.columns == reel.size.columns;
        reel.strips[static_cast<size_t>(m)][static_cast<size_t>(n)].put(kept, fits ? map : resize(map, reel.size.rows, reel.size.columns));
      }
    }
    predicted.push_back(std::move(classes));
    confidence.push_back(std::move(shares));
    ++kept;
  });
  Json labels = json_list();
  for (const WatchedImage& image : reel.record.images) labels.push_back(image.label);
  reel.data = {{"updates", std::move(updates)},
               {"predicted", std::move(predicted)},
               {"confidence", std::move(confidence)},
               {"labels", std::move(labels)},
               {"classes", reel.record.classes}};
  return reel;
}

Html tools() {
  return html(
      "<form class=\"tools film\" hidden><button type=\"button\" name=\"play\" aria-label=\"play\">▶ play</button>"
      "<label class=\"time\"><input type=\"range\" name=\"frame\" min=\"0\" max=\"0\" value=\"0\" aria-label=\"frame\"></label>"
      "<output name=\"update\"></output>"
      "<label>maps over images <input type=\"range\" name=\"strength\" min=\"0\" max=\"100\" value=\"100\" "
      "aria-label=\"strength of the maps over the images\"></label></form>\n");
}

std::string said_of_image(const WatchRecord& record, const Json& data, size_t n) {
  const Json& predicted = data["predicted"].back();
  return fmt::format("{} {:.0f} %", record.classes[predicted[n].get<size_t>()], 100 * data["confidence"].back()[n].get<double>());
}

Html rows_of(const Reel& reel, const Path& folder) {
  Html rows;
  for (size_t n = 0; n < reel.record.images.size(); ++n) {
    const WatchedImage& image = reel.record.images[n];
    const std::string input = data_address(read_image(folder / image.input));
    Html maps;
    for (size_t m = 0; m < reel.record.methods.size(); ++m)
      maps += html(
          "<figure class=\"frame\"><div class=\"window\">{}{}"
          "</div><figcaption>{}</figcaption></figure>\n",
          picture("", input),
          picture(fmt::format("{} of image {}", reel.record.methods[m].method, image.image), reel.strips[m][n].address(), "strip"),
          reel.record.methods[m].method);
    rows += html(
        "<div class=\"watched\"><figure class=\"frame\"><div class=\"window\">{1}</div>"
        "<figcaption><b>{2}</b><span data-image=\"{3}\">{4}</span><small>#{0}</small></figcaption></figure>\n{5}</div>\n",
        image.image, picture(fmt::format("image {}", image.image), input), reel.record.classes[static_cast<size_t>(image.label)], n,
        said_of_image(reel.record, reel.data, n), maps);
  }
  return rows;
}

constexpr std::string_view kWatchStyle = R"css(
.film { align-items: center; }
.film .time { flex: 1 1 16rem; }
.film .time input { width: 100%; }
.film output { font-variant-numeric: tabular-nums; min-width: 11ch; color: var(--ink); }
.film button { font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .8rem;
  min-width: 6.5rem; cursor: pointer; }
.reel { position: sticky; top: 0; z-index: 1; background: var(--paper); padding: .6rem 0; }
.watching { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, max(15rem, 8rem * var(--across))), 1fr)); gap: 1.25rem 2rem; }
.watched { display: grid; grid-template-columns: repeat(var(--across), minmax(0, 1fr)); gap: .75rem; break-inside: avoid; align-content: start; }
.frame .window { position: relative; aspect-ratio: var(--columns) / var(--rows); overflow: hidden; border-radius: .3rem; background: var(--surface); }
.frame img { position: absolute; left: 0; top: 0; width: 100%; image-rendering: pixelated; display: block; }
.frame .strip { opacity: var(--strength, 1); transform: translateY(calc(-100% * (var(--frame) * var(--stride) + 1) / (var(--stride) * var(--frames)))); }
.frame figcaption { display: flex; flex-direction: column; font-size: .84rem; line-height: 1.4; padding-top: .35rem; min-width: 0; overflow-wrap: anywhere; }
.frame figcaption b { font-weight: 600; }
.frame figcaption span { font-variant-numeric: tabular-nums; }
.frame figcaption span.off { color: var(--wrong); }
)css";

constexpr std::string_view kWatchScript = R"js(
// Watch: one slider moves all films of a run.
for (const part of document.querySelectorAll("[data-watch]")) {
  const film = data.watch.runs[part.dataset.watch], tools = part.querySelector(".film");
  const { frame, play, update, strength } = tools.elements, last = film.updates.length - 1;
  frame.max = last;  // before the value, which it limits
  frame.value = last;
  tools.hidden = false;
  const draw = () => {
    const f = Number(frame.value);
    part.style.setProperty("--frame", f);
    part.style.setProperty("--strength", strength.value / 100);
    update.value = `update ${film.updates[f]}`;
    frame.setAttribute("aria-valuetext", update.value);
    for (const now of part.querySelectorAll("[data-image]")) {
      const n = now.dataset.image, y = film.predicted[f][n];
      now.textContent = `${film.classes[y]} ${Math.round(100 * film.confidence[f][n])} %`;
      now.classList.toggle("off", y !== film.labels[n]);
    }
  };
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "▶ play"; play.setAttribute("aria-label", "play"); };
  const start = () => {
    if (Number(frame.value) === last) frame.value = 0;
    play.textContent = "❚❚ pause";
    play.setAttribute("aria-label", "pause");
    draw();
    timer = setInterval(() => {
      frame.value = Number(frame.value) + 1;
      draw();
      if (Number(frame.value) === last) stop();
    }, 80);
  };
  const toggle = () => timer ? stop() : start();
  play.addEventListener("click", toggle);
  tools.addEventListener("input", e => { if (e.target === frame) stop(); draw(); });
  tools.addEventListener("submit", e => e.preventDefault());
  // Arrow keys, Home and End are the slider's own.
  frame.addEventListener("keydown", e => { if (e.key === " ") { e.preventDefault(); toggle(); } });
  draw();
}
)js";

}  // namespace

bool WatchSection::applies(const Path& folder) const {
  return std::filesystem::exists(folder / kWatch / kWatchFile) && !frame_files(folder / kWatch).empty();
}

SectionContent WatchSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["runs"] = json_list();
  for (const RunFolder& run : runs) {
    const Path folder = run.path / kWatch;
    const Reel reel = reel_of(folder);
    Html body;
    Html scales;
    for (size_t m = 0; m < reel.record.methods.size(); ++m)
      scales += html("<br>{}: {}. {}.", reel.record.methods[m].method, about_film(reel.record, reel.record.methods[m]),
                     scale_text(reel.record.methods[m], reel.seen.scales[m]));
    body += html(
        "<p class=\"about\">The same images before updates {} to {}{}: {} of {} frames are shown. Below each image stands what the network "
        "takes it for.{}</p>\n",
        reel.seen.updates.front(), reel.seen.updates.back(),
        reel.record.every > 1 ? fmt::format(", one frame each {} updates", reel.record.every) : "", reel.size.frames,
        reel.seen.updates.size(), scales);
    body += html(
        "<div data-watch=\"{}\" style=\"--frame:{};--frames:{};--stride:{};--rows:{};--columns:{};--across:{}\">\n"
        "<div class=\"reel\">{}</div>\n<div class=\"watching\">\n{}</div></div>\n",
        content.data["runs"].size(), reel.size.frames - 1, reel.size.frames, reel.size.rows + 2, reel.size.rows, reel.size.columns,
        reel.record.methods.size() + 1, tools(), rows_of(reel, folder));
    content.data["runs"].push_back(reel.data);
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string_view WatchSection::style() const { return kWatchStyle; }
std::string_view WatchSection::script() const { return kWatchScript; }

}  // namespace convscope
