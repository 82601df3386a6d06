#include "convscope/report/inspect/activations_section.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/join.h"
#include "convscope/report/draw/montage.h"
#include "convscope/report/inspect/activation_sheet.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/page/tiles.h"

namespace convscope {

namespace {

constexpr size_t kImagesShown = 2;   // of each look; the others are folded
constexpr int64_t kImageSide = 128;  // longest side of an image on the page

constexpr std::string_view kActivationsStyle = R"css(
.answers { display: grid; grid-template-columns: repeat(11, minmax(0, 1fr)); gap: .4rem .5rem; margin-bottom: 2rem; }
.answers img { width: 100%; image-rendering: pixelated; display: block; border-radius: .2rem; }
.answers figcaption { font-size: .7rem; line-height: 1.5; color: var(--muted); font-variant-numeric: tabular-nums; display: flex; gap: .2rem;
  justify-content: space-between; white-space: nowrap; overflow: hidden; }
.answers figcaption b { font-weight: 600; color: var(--ink); }
@media (max-width: 40rem) { .answers { grid-template-columns: repeat(6, minmax(0, 1fr)); } }
)css";

Html shown_answers(const ActivationsRecord& record, const ImageAnswers& answers, const Path& folder) {
  const auto there = [&](const std::string& file) { return !file.empty() && std::filesystem::exists(folder / file); };
  if (!there(answers.input) || !there(answers.tiles) || answers.channels.empty()) return html("<p class=\"nothing\">no picture</p>\n");
  const int64_t count = std::ssize(answers.channels);
  const TileSheet sheet(read_image(folder / answers.tiles), (count + record.columns - 1) / record.columns, record.columns);
  Html all = html("<figure>{}<figcaption><b>{}</b></figcaption></figure>\n",
                  picture(fmt::format("image {}", answers.image), data_address(shrunk(read_image(folder / answers.input), kImageSide))),
                  answers.label.empty() ? fmt::format("#{}", answers.image) : answers.label);
  for (int64_t n = 0; n < count; ++n) {
    const ChannelAnswer& channel = answers.channels[static_cast<size_t>(n)];
    const double most = std::max(std::abs(channel.low), std::abs(channel.high));
    all += html("<figure>{}<figcaption><span>{}</span><span>{}</span></figcaption></figure>\n",
                sheet.tile(n, fmt::format("channel {}: {:.3g} to {:.3g}, mean {:.3g}, {:.0f} % above 0", channel.channel, channel.low,
                                          channel.high, channel.mean, 100 * channel.active)),
                channel.channel, most == 0 ? std::string("0") : fmt::format("{:.3g}", most));
  }
  return html(
      "<p class=\"about\">image {}; {}; below each its channel and its largest activation</p>\n<div class=\"answers\" {}>\n{}</div>\n",
      answers.source.empty() ? fmt::format("#{} of {}", answers.image, record.data.text()) : answers.source,
      activation_scale_text(record, answers), sheet.style(), all);
}

}  // namespace

bool ActivationsSection::applies(const Path& folder) const { return !inspections(folder, ActivationsRecord::kKind).empty(); }

SectionContent ActivationsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    Html body;
    for (const Path& folder : inspections(run.path, ActivationsRecord::kKind)) {
      const Path file = inspection_file(folder, ActivationsRecord::kKind);
      const ActivationsRecord record = read_record<ActivationsRecord>(file);
      body += html("<h4>{} [{}]: {}</h4>\n", record.node, std::string(join(record.shape, ", ")), record.about);
      std::vector<Html> images;
      for (const ImageAnswers& answers : record.images) images.push_back(shown_answers(record, answers, folder));
      body += first_pieces(images, kImagesShown, "images");
    }
    content.body += part_of_run(run, body);
  }
  return content;
}

std::string ActivationsSection::title(const Path& folder) const {
  const Path look = inspections(folder, ActivationsRecord::kKind).front();
  return network_on_data(read_result(inspection_file(look, ActivationsRecord::kKind)));
}

std::string_view ActivationsSection::style() const { return kActivationsStyle; }

}  // namespace convscope
