#include "convscope/report/watch/watch_film.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "convscope/report/draw/figure.h"
#include "convscope/results/attribution_record.h"

namespace convscope {

namespace {

constexpr int64_t kMargin = 16, kFilmGap = 4, kFilmBetween = 20, kHead = 80, kFilmCaption = 50, kTileSide = 96, kStripRows = 18,
                  kStripColumns = 220;
constexpr double kWide = 16.0 / 9;

const TextStyle kTitle{.size = 15, .bold = true};
const TextStyle kText{.size = 12};
const TextStyle kQuiet{.size = 11, .colour = kMuted};

std::string film_number(double v) {
  const std::string text = v >= 1e-3 && v < 1e4 ? fmt::format("{:.3g}", v) : fmt::format("{:.2e}", v);
  return v == 0 ? "0" : text;
}

Image drawn(double width, double height, const std::function<void(Canvas&)>& draw) {
  return parse_image(Figure(width, height, "", draw).png(1), "a drawing");
}

/** Pastes a picture, each of its pixels `times` as large. */
void paste(Image& onto, const Image& image, int64_t top, int64_t left, int64_t times = 1) {
  const int64_t rows = std::min(image.rows * times, onto.rows - top), columns = std::min(image.columns * times, onto.columns - left);
  for (int64_t c = 0; c < 3; ++c) {
    const uint8_t* from = image.pixels.data() + (image.channels == 3 ? c : 0) * image.rows * image.columns;
    uint8_t* to = onto.pixels.data() + c * onto.rows * onto.columns;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) to[(top + i) * onto.columns + left + j] = from[(i / times) * image.columns + j / times];
  }
}

/** Half of the map, half of the image in grey. */
Image over(const Image& map, const Image& grey) {
  Image both = map;
  const size_t plane = grey.pixels.size();
  for (size_t i = 0; i < both.pixels.size(); ++i) both.pixels[i] = static_cast<uint8_t>((map.pixels[i] + grey.pixels[i % plane] + 1) / 2);
  return both;
}

const std::string& name_of(const WatchRecord& record, int64_t y) { return record.classes[static_cast<size_t>(y)]; }

}  // namespace

ColourScale film_colours(const WatchedMethod& method, const WatchScale& scale) {
  return {method.sign ? ColourMap::diverging : ColourMap::inferno, method.sign ? -scale.limit : 0, scale.limit};
}

Image film_map(const WatchFrames& frames, int64_t f, int64_t m, int64_t n, const ColourScale& colours) {
  constexpr int kLevels = 256;
  std::vector<float> values(kLevels);
  for (int level = 0; level < kLevels; ++level) values[static_cast<size_t>(level)] = frames.unit(f, m, n) * static_cast<float>(level - 128);
  const Image palette = coloured(values, 1, kLevels, colours);
  const auto map = frames.map(f, m, n);
  Image image{3, frames.rows, frames.columns, std::vector<uint8_t>(3 * map.size())};
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = 0; i < map.size(); ++i)
      image.pixels[c * map.size() + i] = palette.pixels[c * kLevels + static_cast<size_t>(map[i] + 128)];
  return image;
}

std::string scale_text(const WatchedMethod& method, const WatchScale& scale) {
  const std::string limit = film_number(scale.limit);
  std::string text =
      method.sign ? fmt::format("blue −{0} … red {0} in all frames", limit) : fmt::format("black 0 … yellow {} in all frames", limit);
  if (scale.beyond > 0) text += fmt::format("; {:.1f} % of the maps reach beyond", 100 * scale.beyond);
  return text;
}

std::string about_film(const WatchRecord& record, const WatchedMethod& method) {
  std::string text = method.explains;
  if (method.targeted)
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        record.target == "true"        ? "the true class of each image"
                        : record.target == "frame"     ? "what the network of each frame takes each image for"
                        : record.target == "predicted" ? "what the network of the first frame took each image for"
                                                       : "the class " + record.target);
  for (const std::string& more : {method.legend, channels_text(method.channels)})
    if (!more.empty()) text += "; " + more;
  return text;
}

WatchFilm::WatchFilm(const Path& folder, const WatchRecord& record, const WatchSurvey& seen, int64_t method)
    : record_(record),
      scale_(seen.scales[static_cast<size_t>(method)]),
      colours_(film_colours(record.methods[static_cast<size_t>(method)], scale_)),
      method_(method),
      last_update_(seen.updates.empty() ? 0 : seen.updates.back()),
      scaled_(std::max<int64_t>(1, kTileSide / std::max(record.rows, record.columns))) {
  for (const WatchedImage& image : record.images) {
    inputs_.push_back(with_channels(read_image(folder / image.input), 1));
    require(inputs_.back().rows == record.rows && inputs_.back().columns == record.columns, "{}: {} x {} pixels, {} x {} were watched",
            (folder / image.input).string(), inputs_.back().columns, inputs_.back().rows, record.columns, record.rows);
  }
  // As many cells side by side as make the film as wide as a screen.
  const auto extent = [&](int64_t across) {
    const int64_t count = std::ssize(record.images), down = (count + across - 1) / across;
    const int64_t width = 2 * kMargin + across * (3 * record.columns * scaled_ + 2 * kFilmGap + kFilmBetween) - kFilmBetween;
    return std::pair(std::max<int64_t>(width, 420), kMargin + kHead + down * (record.rows * scaled_ + kFilmCaption));
  };
  const auto mismatch = [&](int64_t across) {
    const auto [width, height] = extent(across);
    return std::abs(std::log(static_cast<double>(width) / static_cast<double>(height) / kWide));
  };
  for (int64_t across = 1; across <= std::ssize(record.images); ++across)
    if (mismatch(across) < mismatch(across_)) across_ = across;
  const auto [width, height] = extent(across_);
  const WatchedMethod& watched = record.methods[static_cast<size_t>(method)];
  still_ = drawn(static_cast<double>(width), static_cast<double>(height), [&](Canvas& canvas) {
    const double room = static_cast<double>(width - 2 * kMargin);
    canvas.text({kMargin, 28},
                fitted(fmt::format("{}: {} on {}", watched.method, record.network.name, record.data.text()), kTitle, room - 170), kTitle);
    canvas.text({kMargin, 48}, fitted(scale_text(watched, scale_), kQuiet, room), kQuiet);
    canvas.text({kMargin, 64}, fitted(about_film(record, watched), kQuiet, room), kQuiet);
    for (int64_t n = 0; n < std::ssize(record.images); ++n) {
      const WatchedImage& image = record.images[static_cast<size_t>(n)];
      const Place place = cell(n);
      std::string text = fmt::format("#{} {}", image.image, name_of(record, image.label));
      if (watched.targeted && image.target != image.label && record.target != "frame")
        text += fmt::format("; explained: {}", name_of(record, image.target));
      canvas.text({static_cast<double>(place.column), static_cast<double>(place.row + record.rows * scaled_ + 15)},
                  fitted(text, kText, static_cast<double>(3 * record.columns * scaled_)), kText);
    }
  });
  for (int64_t n = 0; n < std::ssize(record.images); ++n) {
    const Path file = folder / record.images[static_cast<size_t>(n)].input;
    paste(still_, with_channels(read_image(file), 3), cell(n).row, cell(n).column, scaled_);
  }
}

WatchFilm::Place WatchFilm::cell(int64_t n) const {
  return {kHead + n / across_ * (record_.rows * scaled_ + kFilmCaption),
          kMargin + n % across_ * (3 * record_.columns * scaled_ + 2 * kFilmGap + kFilmBetween)};
}

void WatchFilm::draw_words(Image& image, Place place, const std::string& text, bool muted) {
  const TextStyle& style = muted ? kQuiet : kText;
  auto [found, fresh] = words_.try_emplace({text, muted});
  if (fresh)
    found->second = drawn(static_cast<double>(kStripColumns), static_cast<double>(kStripRows), [&](Canvas& canvas) {
      canvas.text({0, 13}, fitted(text, style, static_cast<double>(kStripColumns)), style);
    });
  paste(image, found->second, place.row, place.column);
}

Image WatchFilm::frame(const WatchFrames& frames, int64_t f) {
  Image image = still_;
  const int64_t side = record_.columns * scaled_ + kFilmGap;
  for (int64_t n = 0; n < frames.images; ++n) {
    const Image map = film_map(frames, f, method_, n, colours_);
    const Place place = cell(n);
    paste(image, map, place.row, place.column + side, scaled_);
    paste(image, over(map, inputs_[static_cast<size_t>(n)]), place.row, place.column + 2 * side, scaled_);
    const size_t i = static_cast<size_t>(f * frames.images + n);
    const bool right = frames.predicted[i] == record_.images[static_cast<size_t>(n)].label;
    draw_words(image, {place.row + record_.rows * scaled_ + 20, place.column},
               fmt::format("{} {} {:.0f} %", right ? "✓" : "✗", name_of(record_, frames.predicted[i]), 100 * frames.confidence[i]), right);
  }
  const int64_t update = frames.updates[static_cast<size_t>(f)];
  // The counter is drawn afresh each time and never again.
  const std::string counter = fmt::format("update {} of {}", update, last_update_);
  draw_words(image, {15, std::max<int64_t>(kMargin, columns() - kMargin - 150)}, counter, false);
  words_.erase({counter, false});
  return image;
}

}  // namespace convscope
