#include "convscope/cli/pictures.h"

#include <algorithm>
#include <numeric>

#include "convscope/base/split.h"
#include "convscope/cli/flags.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

constexpr int64_t kUsualCount = 8, kMostAtOnce = 100'000;

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, ','))
    if (!part.empty()) parts.emplace_back(part);
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
  check_classes(network.classes, data->classes());
  std::vector<int64_t> numbers;
  if (options.images.empty()) {
    numbers.resize(static_cast<size_t>(std::min(kUsualCount, data->size())));
    std::iota(numbers.begin(), numbers.end(), 0);
  } else {
    numbers = parse_numbers(options.images, data->size(), "--images");
  }
  Pictures pictures = take_pictures(*data, numbers, fmt::format("{}, {}", name, options.split));
  // A network from elsewhere may know its classes by number alone.
  if (!only_numbered(network.classes)) pictures.classes = network.classes;
  return pictures;
}

Path folder_of_results(const std::string& out, const std::string& network) {
  if (!out.empty()) return out;
  if (!std::filesystem::is_directory(network))
    throw UsageError("--out is missing: a folder for the results; only a run folder keeps its own");
  return network;
}

}  // namespace convscope
