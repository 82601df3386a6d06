#include "convscope/study/pictures.h"

#include <algorithm>
#include <charconv>

#include "convscope/base/nearest.h"

namespace convscope {

Pictures take_pictures(const Dataset& data, std::span<const int64_t> numbers, std::string name) {
  const Shape image = data.image_shape();
  Pictures pictures{.x = Tensor({std::ssize(numbers), image[0], image[1], image[2]}),
                    .numbers = {numbers.begin(), numbers.end()},
                    .labels = {},
                    .sources = {},
                    .classes = data.classes(),
                    .data = std::move(name)};
  for (size_t n = 0; n < numbers.size(); ++n) {
    data.pixels(numbers[n], 0, pictures.x.row(static_cast<int64_t>(n)));
    pictures.labels.push_back(data.label(numbers[n]));
  }
  return pictures;
}

Tensor shown_channels(const Tensor& x, int64_t n) {
  const Shape& s = x.shape();
  const int64_t channels = s[1] == 3 ? 3 : 1;
  return {{channels, s[2], s[3]}, x.row(n).first(static_cast<size_t>(channels * s[2] * s[3]))};
}

int64_t usual_batch(const Shape& image) {
  // A multiple of 8: counts that people choose fill it.
  return std::clamp<int64_t>(128 * 64 * 64 / (image[1] * image[2]) / 8 * 8, 8, 128);
}

int64_t parse_class(std::string_view text, std::span<const std::string> classes) {
  const auto found = std::find(classes.begin(), classes.end(), text);
  if (found != classes.end()) return found - classes.begin();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc() && end == text.data() + text.size(), "no class '{}'{}", text, known_names(text, classes));
  require(number >= 0 && number < std::ssize(classes), "class {}: the network has classes 0 to {}", number, classes.size() - 1);
  return number;
}

std::string class_name(std::span<const std::string> classes, int64_t y) {
  return y >= 0 && y < std::ssize(classes) ? classes[static_cast<size_t>(y)] : std::to_string(y);
}

}  // namespace convscope
