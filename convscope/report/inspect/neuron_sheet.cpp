#include "convscope/report/inspect/neuron_sheet.h"

#include <algorithm>

#include "convscope/report/draw/chart.h"

namespace convscope {

namespace {

constexpr double kNeuronSheetTop = 84, kNeuronSheetSide = 108, kNeuronSheetGap = 12, kNeuronSheetCaption = 30;
const TextStyle kValue{.size = 11, .bold = true};
const TextStyle kNeuronSheetNumber{.size = 10, .colour = kMuted};

}  // namespace

std::string neuron_name(const NeuronRecord& neuron) {
  if (!neuron.row || !neuron.column) return fmt::format("channel {}", neuron.channel);
  return fmt::format("channel {} at row {}, column {}", neuron.channel, *neuron.row, *neuron.column);
}

std::string neuron_text(const NeuronRecord& neuron, int64_t images) {
  return fmt::format("selectivity {:.2f}; activation over {} images: mean {:.3f}, standard deviation {:.3f}", neuron.selectivity, images,
                     neuron.mean, neuron.deviation);
}

Box field_of(const NeuronImage& image, int64_t rows, int64_t columns) {
  if (image.field.size() != 4) return {};
  const auto share = [](int64_t at, int64_t of) { return static_cast<double>(std::clamp<int64_t>(at, 0, of)) / static_cast<double>(of); };
  const double top = share(image.field[0], rows), bottom = share(image.field[1] + 1, rows);
  const double left = share(image.field[2], columns), right = share(image.field[3] + 1, columns);
  if ((top <= 0 && bottom >= 1 && left <= 0 && right >= 1) || bottom <= top || right <= left) return {};
  return {left, top, right - left, bottom - top};
}

Figure neuron_sheet(const NeuronsRecord& record, const NeuronRecord& neuron, std::span<const Image> pictures) {
  const int64_t count = std::ssize(pictures), columns = record.columns;
  const double rows = static_cast<double>((count + columns - 1) / columns);
  const double width = 2 * kFigureMargin + static_cast<double>(columns) * (kNeuronSheetSide + kNeuronSheetGap) - kNeuronSheetGap;
  const double height =
      kNeuronSheetTop + rows * (kNeuronSheetSide + kNeuronSheetCaption + kNeuronSheetGap) - kNeuronSheetGap + kFigureMargin - 6;
  const std::vector<Image> held(pictures.begin(), pictures.end());
  const std::string title = fmt::format("{}, {}", record.node, neuron_name(neuron));
  return {
      width, height, title, [=](Canvas& canvas) {
        const double room = width - 2 * kFigureMargin;
        canvas.text({kFigureMargin, kFigureMargin + 12}, fitted(title, kSheetTitle, room), kSheetTitle);
        canvas.text({kFigureMargin, kFigureMargin + 30},
                    fitted(fmt::format("{}; {}; {}", record.network.name, record.data.text(), record.about), kSubtitle, room), kSubtitle);
        canvas.text({kFigureMargin, kFigureMargin + 46}, fitted(neuron_text(neuron, record.images), kNeuronSheetNumber, room),
                    kNeuronSheetNumber);
        for (int64_t n = 0; n < count; ++n) {
          const NeuronImage& top = neuron.top[static_cast<size_t>(n)];
          const Image& picture = held[static_cast<size_t>(n)];
          const double longest = static_cast<double>(std::max(picture.rows, picture.columns));
          const double w = kNeuronSheetSide * static_cast<double>(picture.columns) / longest;
          const double h = kNeuronSheetSide * static_cast<double>(picture.rows) / longest;
          const double x = kFigureMargin + static_cast<double>(n % columns) * (kNeuronSheetSide + kNeuronSheetGap);
          const double y = kNeuronSheetTop + static_cast<double>(n / columns) * (kNeuronSheetSide + kNeuronSheetCaption + kNeuronSheetGap);
          canvas.image({x, y, w, h}, picture);
          if (const Box part = field_of(top, record.size[0], record.size[1]); part.width > 0) {
            const Box outline{x + part.x * w, y + part.y * h, part.width * w, part.height * h};
            canvas.outline(outline.grown(-0.5), kInk, 3);
            canvas.outline(outline.grown(-0.5), colour(0xffd400), 1.5);
          }
          canvas.text({x, y + kNeuronSheetSide + 13}, fmt::format("{:.3f}", top.activation), kValue);
          canvas.text({x, y + kNeuronSheetSide + 26},
                      fitted(fmt::format("{} #{}", top.label, top.image), kNeuronSheetNumber, kNeuronSheetSide), kNeuronSheetNumber);
        }
      }};
}

}  // namespace convscope
