#include "convscope/report/inspect/neurons_section.h"

#include "convscope/report/inspect/neuron_sheet.h"
#include "convscope/report/page/fold.h"
#include "convscope/report/page/tiles.h"

namespace convscope {

namespace {

constexpr size_t kNeuronsShown = 6;  // of each look; the others are folded

constexpr std::string_view kNeuronsStyle = R"css(
.neuron { padding: 1rem 0 1.25rem; border-top: 1px solid var(--line); break-inside: avoid; }
.neuron > p { margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
.neuron > p small { font-variant-numeric: tabular-nums; }
.drivers { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: .6rem; }
.drivers figcaption { font-size: .72rem; line-height: 1.35; padding-top: .2rem; display: flex; flex-direction: column; min-width: 0;
  font-variant-numeric: tabular-nums; }
.drivers figcaption b { font-weight: 600; }
.drivers figcaption span { color: var(--muted); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.drivers i { position: absolute; left: calc(100% * var(--l)); top: calc(100% * var(--t)); width: calc(100% * var(--w)); height: calc(100% * var(--h));
  border: 2px solid #ffd400; box-shadow: 0 0 0 1px rgb(0 0 0 / .75), inset 0 0 0 1px rgb(0 0 0 / .75); }
@media (max-width: 48rem) { .drivers { grid-template-columns: repeat(5, minmax(0, 1fr)); } }
)css";

Html shown_neuron(const NeuronsRecord& record, const NeuronRecord& neuron, const Path& folder) {
  const Path file = folder / neuron.tiles;
  Html drivers;
  if (neuron.tiles.empty() || !std::filesystem::exists(file) || neuron.top.empty()) {
    drivers = html("<p class=\"nothing\">no picture</p>\n");
  } else {
    const int64_t count = std::ssize(neuron.top), rows = (count + record.columns - 1) / record.columns;
    const Image montage = read_image(file);
    const TileSheet sheet(montage, rows, record.columns);
    Html all;
    for (int64_t n = 0; n < count; ++n) {
      const NeuronImage& top = neuron.top[static_cast<size_t>(n)];
      const Box part = field_of(top, record.size[0], record.size[1]);
      const Html outline =
          part.width > 0 ? html("<i style=\"--l:{:.4f};--t:{:.4f};--w:{:.4f};--h:{:.4f}\"></i>", part.x, part.y, part.width, part.height)
                         : Html();
      all +=
          html("<figure>{}<figcaption><b>{:.3f}</b><span>{}</span></figcaption></figure>\n",
               sheet.tile(n, fmt::format("#{} {}: {:.3f} at row {}, column {}", top.image, top.label, top.activation, top.row, top.column),
                          outline),
               top.activation, top.label);
    }
    drivers = html("<div class=\"drivers\" {}>\n{}</div>\n", sheet.style(), all);
  }
  return html("<div class=\"neuron\"><p><b>{}</b><small>{}</small></p>\n{}</div>\n", neuron_name(neuron),
              neuron_text(neuron, record.images), drivers);
}

}  // namespace

bool NeuronsSection::applies(const Path& folder) const { return !inspections(folder, NeuronsRecord::kKind).empty(); }

SectionContent NeuronsSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  for (const RunFolder& run : runs) {
    Html body;
    for (const Path& folder : inspections(run.path, NeuronsRecord::kKind)) {
      const Path file = inspection_file(folder, NeuronsRecord::kKind);
      const NeuronsRecord record = read_record<NeuronsRecord>(file);
      body += html("<h4>{}: {}</h4>\n<p class=\"about\">{} images of {}; {}</p>\n", record.node, record.about, record.images,
                   record.data.text(), record.chosen);
      std::vector<Html> neurons;
      for (const NeuronRecord& neuron : record.neurons) neurons.push_back(shown_neuron(record, neuron, folder));
      body += first_pieces(neurons, kNeuronsShown, "neurons");
    }
    content.body += part_of_run(run, body);
  }
  content.body += html(
      "<p class=\"about\">The images that activate a neuron most, its activation below each; the outline is the receptive field of the "
      "position that is "
      "activated. Selectivity: the mean of these activations less the mean over all images, in standard deviations over all images.</p>\n");
  return content;
}

std::string NeuronsSection::title(const Path& folder) const {
  const Path look = inspections(folder, NeuronsRecord::kKind).front();
  return network_on_data(read_result(inspection_file(look, NeuronsRecord::kKind)));
}

std::string_view NeuronsSection::style() const { return kNeuronsStyle; }

}  // namespace convscope
