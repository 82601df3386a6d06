#include "convscope/report/neuron_sheet.h"

#include <algorithm>

namespace convscope {

namespace {

constexpr double kMargin = 24, kTop = 84, kSide = 108, kGap = 12, kCaption = 30;
const TextStyle kTitle{.size = 16, .bold = true};
const TextStyle kSubtitle{.size = 12, .colour = kMuted};
const TextStyle kValue{.size = 11, .bold = true};
const TextStyle kNumber{.size = 10, .colour = kMuted};

}  // namespace

std::string neuron_name(const NeuronRecord& neuron) {
  if (!neuron.row || !neuron.column) return fmt::format("channel {}", neuron.channel);
  return fmt::format("channel {} at row {}, column {}", neuron.channel, *neuron.row, *neuron.column);
}

std::string neuron_text(const NeuronRecord& neuron, int64_t images) {
  return fmt::format("selectivity {:.2f}; answers to {} images: mean {:.3f}, deviation {:.3f}", neuron.selectivity, images, neuron.mean,
                     neuron.deviation);
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
  const double width = 2 * kMargin + static_cast<double>(columns) * (kSide + kGap) - kGap;
  const double height = kTop + rows * (kSide + kCaption + kGap) - kGap + kMargin - 6;
  const std::vector<Image> held(pictures.begin(), pictures.end());
  const std::string title = fmt::format("{}, {}", record.node, neuron_name(neuron));
  return {width, height, title, [=](Canvas& canvas) {
            const double room = width - 2 * kMargin;
            canvas.text({kMargin, kMargin + 12}, fitted(title, kTitle, room), kTitle);
            canvas.text({kMargin, kMargin + 30},
                        fitted(fmt::format("{}; {}; {}", record.network, record.data, record.about), kSubtitle, room), kSubtitle);
            canvas.text({kMargin, kMargin + 46}, fitted(neuron_text(neuron, record.images), kNumber, room), kNumber);
            for (int64_t n = 0; n < count; ++n) {
              const NeuronImage& top = neuron.top[static_cast<size_t>(n)];
              const Image& picture = held[static_cast<size_t>(n)];
              const double longest = static_cast<double>(std::max(picture.rows, picture.columns));
              const double w = kSide * static_cast<double>(picture.columns) / longest;
              const double h = kSide * static_cast<double>(picture.rows) / longest;
              const double x = kMargin + static_cast<double>(n % columns) * (kSide + kGap);
              const double y = kTop + static_cast<double>(n / columns) * (kSide + kCaption + kGap);
              canvas.image({x, y, w, h}, picture);
              if (const Box part = field_of(top, record.size[0], record.size[1]); part.width > 0) {
                const Box outline{x + part.x * w, y + part.y * h, part.width * w, part.height * h};
                canvas.outline(outline.grown(-0.5), kInk, 3);
                canvas.outline(outline.grown(-0.5), colour(0xffd400), 1.5);
              }
              canvas.text({x, y + kSide + 13}, fmt::format("{:.3f}", top.activation), kValue);
              canvas.text({x, y + kSide + 26}, fitted(fmt::format("{} #{}", top.label, top.image), kNumber, kSide), kNumber);
            }
          }};
}

}  // namespace convscope
