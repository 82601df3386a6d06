#include "convscope/report/inspect/features_section.h"

#include <algorithm>

#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/feature_gallery.h"
#include "convscope/report/inspect/feature_sheet.h"
#include "convscope/report/inspect/neuron_sheet.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/page/tiles.h"

namespace convscope {

namespace {

constexpr size_t kFeaturesShown = 8;       // of each look; others are folded
constexpr size_t kFeaturesInPage = 40;     // more stand in the gallery alone: the page carries its pictures with it
constexpr int64_t kMadeLongestSide = 256;  // of a made picture on the page

constexpr std::string_view kFeaturesStyle = R"css(
.feature { padding: 1rem 0 1.25rem; border-top: 1px solid var(--line); break-inside: avoid; }
.feature > p { margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
.feature > div { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: flex-start; }
.feature .made { width: 14rem; margin: 0; }
.feature .made img { width: 100%; image-rendering: pixelated; display: block; border-radius: .3rem; }
.feature figcaption { font-size: .78rem; padding-top: .25rem; font-variant-numeric: tabular-nums; }
.feature .driving { display: grid; grid-template-columns: repeat(3, 5.5rem); gap: .5rem .6rem; }
.feature .driving figcaption { font-size: .7rem; color: var(--muted); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.feature .driving figure { margin: 0; min-width: 0; }
.feature .driving i { position: absolute; left: calc(100% * var(--l)); top: calc(100% * var(--t)); width: calc(100% * var(--w)); height: calc(100% * var(--h));
  border: 1px solid #ffd400; box-shadow: 0 0 0 1px rgb(0 0 0 / .6); }
)css";

Html driving(const FeaturesRecord& record, const FeatureRecord& feature, const Path& folder) {
  const Path file = folder / feature.tiles;
  if (feature.tiles.empty() || !std::filesystem::exists(file) || feature.top.empty()) return {};
  const int64_t count = std::ssize(feature.top);
  const TileSheet sheet(read_image(file), (count + record.columns - 1) / record.columns, record.columns);
  Html all;
  for (int64_t n = 0; n < count; ++n) {
    const NeuronImage& top = feature.top[static_cast<size_t>(n)];
    const Box part = record.size.size() == 2 ? field_of(top, record.size[0], record.size[1]) : Box{};
    const Html outline =
        part.width > 0 ? html("<i style=\"--l:{:.4f};--t:{:.4f};--w:{:.4f};--h:{:.4f}\"></i>", part.x, part.y, part.width, part.height)
                       : Html();
    all += html("<figure>{}<figcaption>{} {}</figcaption></figure>\n",
                sheet.tile(n, fmt::format("#{} {}: {:.3g}", top.image, top.label, top.activation), outline),
                fmt::format("{:.3g}", top.activation), top.label);
  }
  return html("<div class=\"driving\" {}>\n{}</div>\n", sheet.style(), all);
}

/** A path as a link leads to it: what has a meaning of its own in addresses is written by its number (RFC 3986). */
std::string address_of(std::string_view path) {
  std::string address;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    address += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return address;
}

Html shown_feature(const FeaturesRecord& record, const FeatureRecord& feature, const Path& folder) {
  Html made;
  for (const FeaturePicture& one : feature.pictures) {
    const std::string& shown = one.seen.empty() ? one.png : one.seen;
    const Path file = folder / shown;
    const bool there = !shown.empty() && std::filesystem::exists(file);
    made +=
        html("<figure class=\"made\">{}<figcaption>{}</figcaption></figure>\n",
             there ? picture(fmt::format("made for {}", feature_name(feature)), data_address(shrunk(read_image(file), kMadeLongestSide)))
                   : html("<span class=\"no-picture\">no picture</span>"),
             reached_text(record, feature, one));
  }
  return html("<div class=\"feature\"><p><b>{}</b><small>{}</small></p>\n<div>{}{}</div></div>\n", feature_name(feature),
              feature_text(record, feature), made, driving(record, feature, folder));
}

}  // namespace

bool FeaturesSection::applies(const Path& folder) const { return !inspections(folder, FeaturesRecord::kKind).empty(); }

SectionContent FeaturesSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    Html body;
    for (const Path& folder : inspections(run.path, FeaturesRecord::kKind)) {
      const FeaturesRecord record = read_record<FeaturesRecord>(inspection_file(folder, FeaturesRecord::kKind));
      const std::string spectrum =
          record.spectrum_images > 0
              ? fmt::format("; by MACO, with the mean magnitudes of {} images, on white where anything was asked for",
                            record.spectrum_images)
              : "";
      body += html("<h4>{}: {}</h4>\n<p class=\"about\">{} steps {} the slope of {}{}; beside them the {} of {} images of {}</p>\n",
                   record.node, record.about, record.steps, record.down() ? "down" : "up", record.number, spectrum,
                   record.down() ? "lowest" : "best", record.images, record.data.text());
      const Path gallery = folder / kGalleryFile;
      const bool has_gallery = std::filesystem::exists(gallery);
      const size_t count = has_gallery ? std::min(kFeaturesInPage, record.features.size()) : record.features.size();
      std::vector<Html> features;
      for (const FeatureRecord& feature : std::span(record.features).first(count))
        features.push_back(shown_feature(record, feature, folder));
      body += first_pieces(features, kFeaturesShown, "channels");
      if (has_gallery) {
        const std::string place =
            std::filesystem::absolute(gallery).lexically_relative(std::filesystem::absolute(run.page)).generic_string();
        body += html("<p>All {} in a gallery: <a href=\"{}\">{}</a></p>\n", record.features.size(), address_of(place), place);
      }
    }
    content.body += part_of_run(run, body);
  }
  content.body += html(
      "<p class=\"about\">A picture that was made shows one thing that drives the channel far, not all that it answers to: read it beside "
      "the images of the data. The outline on these is what the channel sees from where it answers most (least, of one that is driven "
      "down); none where it sees all.</p>\n");
  return content;
}

std::string FeaturesSection::title(const Path& folder) const {
  const Path look = inspections(folder, FeaturesRecord::kKind).front();
  return network_on_data(read_result(inspection_file(look, FeaturesRecord::kKind)));
}

std::string_view FeaturesSection::style() const { return kFeaturesStyle; }

}  // namespace convscope
