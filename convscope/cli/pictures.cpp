#include "convscope/cli/pictures.h"

#include <algorithm>
#include <numeric>

#include "convscope/cli/flags.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 8, kMostAtOnce = 100'000;

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Pictures from_files(const PictureOptions& options, const Network& network) {
  require(options.images.empty(), "--image and --images: one of them, files or numbers in the data set");
  Pictures pictures;
  pictures.sources = parts_of(options.image);
  const Shape image = network.image();
  pictures.x = Tensor({std::ssize(pictures.sources), image[0], image[1], image[2]});
  for (size_t n = 0; n < pictures.sources.size(); ++n) {
    const Tensor picture = read_picture(pictures.sources[n], network, fit_of(network));
    std::copy_n(picture.data(), picture.size(), pictures.x.row(static_cast<int64_t>(n)).begin());
    pictures.numbers.push_back(static_cast<int64_t>(n));
  }
  pictures.classes = network.classes;
  pictures.data = "files";
  return pictures;
}

}  // namespace

std::string data_of(const PictureOptions& options, const Network& network) {
  const std::string data = options.data.empty() ? network.trained_on : options.data;
  if (data.empty()) throw UsageError("--data is missing: the network does not say what it was trained on; or give files with --image");
  return data;
}

std::vector<int64_t> parse_numbers(std::string_view text, int64_t count, std::string_view what) {
  std::vector<int64_t> numbers;
  for (const std::string& part : parts_of(text)) {
    const size_t dash = part.find('-', 1);
    const auto first = value_of<int64_t>(std::string_view(part).substr(0, dash));
    const auto last = dash == std::string::npos ? first : value_of<int64_t>(std::string_view(part).substr(dash + 1));
    require(first && last && *first <= *last, "{} '{}': numbers such as 0,1,7 or 0-15 were wanted", what, text);
    require(*first >= 0 && *last < count, "{} '{}': there are 0 to {}", what, part, count - 1);
    require(*last - *first < kMostAtOnce, "{} '{}': more than {} at once", what, part, kMostAtOnce);
    for (int64_t i = *first; i <= *last; ++i) numbers.push_back(i);
  }
  require(!numbers.empty(), "{} '{}': no number in it", what, text);
  return numbers;
}

Pictures choose_pictures(const PictureOptions& options, const Network& network, std::span<const Path> roots) {
  if (!options.image.empty()) return from_files(options, network);
  const std::string name = data_of(options, network);
  const auto data = open_data(name, parse_split(options.split), network, roots);
  check_fits(network.graph, *data);
  Pictures pictures;
  if (options.images.empty()) {
    pictures.numbers.resize(static_cast<size_t>(std::min(kUsualCount, data->size())));
    std::iota(pictures.numbers.begin(), pictures.numbers.end(), 0);
  } else {
    pictures.numbers = parse_numbers(options.images, data->size(), "--images");
  }
  const Shape image = data->image_shape();
  pictures.x = Tensor({std::ssize(pictures.numbers), image[0], image[1], image[2]});
  for (size_t n = 0; n < pictures.numbers.size(); ++n) {
    data->pixels(pictures.numbers[n], 0, pictures.x.row(static_cast<int64_t>(n)));
    pictures.labels.push_back(data->label(pictures.numbers[n]));
  }
  // A network from elsewhere may know its classes by number alone.
  const bool numbered = std::all_of(network.classes.begin(), network.classes.end(),
                                    [&, y = int64_t{0}](const std::string& c) mutable { return c == std::to_string(y++); });
  pictures.classes = numbered ? data->classes() : network.classes;
  pictures.data = fmt::format("{}, {}", name, options.split);
  return pictures;
}

int64_t parse_class(std::string_view text, std::span<const std::string> classes) {
  const auto found = std::find(classes.begin(), classes.end(), text);
  if (found != classes.end()) return found - classes.begin();
  const auto number = value_of<int64_t>(text);
  require(number.has_value(), "no class '{}'{}", text, known_names(text, classes));
  require(*number >= 0 && *number < std::ssize(classes), "class {}: the network has classes 0 to {}", *number, classes.size() - 1);
  return *number;
}

std::string class_name(std::span<const std::string> classes, int64_t y) {
  return y >= 0 && y < std::ssize(classes) ? classes[static_cast<size_t>(y)] : std::to_string(y);
}

int64_t usual_batch(const Shape& image) { return std::clamp<int64_t>(128 * 64 * 64 / (image[1] * image[2]), 8, 128); }

Path folder_of_results(const std::string& out, const std::string& network) {
  if (!out.empty()) return out;
  if (!std::filesystem::is_directory(network))
    throw UsageError("--out is missing: a folder for the results; only a run folder keeps its own");
  return network;
}

}  // namespace convscope
