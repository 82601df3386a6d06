#include "convscope/inspect/attribution/superpixels.h"

#include <algorithm>

#include "convscope/base/nearest.h"

namespace convscope {

void check_superpixels(const SuperpixelOptions& options, std::string_view method) {
  require(options.segments >= 2, "{}: segments is 2 or more, got {}: of one superpixel nothing can be told", method, options.segments);
  constexpr int64_t kMostSegments = 2000;  // the work of a fit grows with their cube
  require(options.segments <= kMostSegments, "{}: segments is at most {}, got {}", method, kMostSegments, options.segments);
  require(options.compactness > 0 && options.compactness <= 1e6, "{}: compactness is above 0, got {}", method, options.compactness);
  const std::vector<std::string> known{"mean", "own", "black", "grey", "white"};
  require(std::find(known.begin(), known.end(), options.fill) != known.end(), "{}: fill is none of ours: '{}'{}", method, options.fill,
          known_names(options.fill, known));
}

namespace {

/** What stands where the image's superpixels are hidden, [C, H W]. */
std::vector<float> hidden_of(std::span<const float> image, const Superpixels& cut, const std::string& fill) {
  const size_t pixels = cut.label.size(), channels = image.size() / pixels;
  std::vector<float> hidden(image.size());
  if (fill == "black") return hidden;
  if (fill == "grey" || fill == "white") {
    std::fill(hidden.begin(), hidden.end(), fill == "grey" ? 0.5f : 1.0f);
    return hidden;
  }
  for (size_t c = 0; c < channels; ++c) {
    std::vector<double> sums(static_cast<size_t>(cut.count)), counts(sums.size());
    const auto label = [&](size_t i) { return fill == "own" ? static_cast<size_t>(cut.label[i]) : 0; };
    for (size_t i = 0; i < pixels; ++i) {
      sums[label(i)] += image[c * pixels + i];
      ++counts[label(i)];
    }
    for (size_t i = 0; i < pixels; ++i) hidden[c * pixels + i] = static_cast<float>(sums[label(i)] / counts[label(i)]);
  }
  return hidden;
}

}  // namespace

SuperpixelImages::SuperpixelImages(const Tensor& x, const SuperpixelOptions& options, std::string_view method) : x_(x) {
  const Shape image(x.shape().extents().subspan(1));
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    cuts_.push_back(slic(x.row(n), image, {.segments = options.segments, .compactness = options.compactness}));
    require(cuts_.back().count >= 2,
            "{}: image {} of {} is one superpixel, and of one nothing can be told; more `segments` or a larger `compactness` cut it",
            method, n, x.shape());
    hidden_.push_back(hidden_of(x.row(n), cuts_.back(), options.fill));
  }
}

void SuperpixelImages::write(int64_t n, const Coalition& seen, std::span<float> picture) const {
  const auto image = x_.row(n);
  const std::vector<float>& hidden = hidden_[static_cast<size_t>(n)];
  const std::vector<int64_t>& label = cut(n).label;
  for (size_t first = 0; first < picture.size(); first += label.size())
    for (size_t i = 0; i < label.size(); ++i)
      picture[first + i] = seen[static_cast<size_t>(label[i])] ? image[first + i] : hidden[first + i];
}

Tensor SuperpixelImages::map(const std::vector<std::vector<double>>& shares) const {
  const Shape& s = x_.shape();
  Tensor maps({s[0], 1, s[2], s[3]});
  for (int64_t n = 0; n < s[0]; ++n) {
    std::vector<double> sizes(static_cast<size_t>(count(n)));
    for (const int64_t label : cut(n).label) ++sizes[static_cast<size_t>(label)];
    for (size_t i = 0; i < cut(n).label.size(); ++i) {
      const auto label = static_cast<size_t>(cut(n).label[i]);
      maps.row(n)[i] = static_cast<float>(shares[static_cast<size_t>(n)][label] / sizes[label]);
    }
  }
  return maps;
}

void answer_coalitions(Subject& subject, const Question& question, const SuperpixelImages& images, const Coalitions& coalitions,
                       const std::function<void(int64_t n, int64_t s, const Coalition& seen, double value)>& take) {
  std::vector<int64_t> first{0};  // question k is of the last image whose first one is not behind it
  for (int64_t n = 0; n < images.images(); ++n) first.push_back(first.back() + coalitions.count(n));
  const auto image_of = [&](int64_t k) { return std::upper_bound(first.begin(), first.end(), k) - first.begin() - 1; };
  const auto of = [&](int64_t k, int64_t n) { return coalitions.seen(n, k - first[static_cast<size_t>(n)]); };
  answer_made(
      subject, question.objective, first.back(),
      [&](int64_t k, std::span<float> picture) {
        const int64_t n = image_of(k);
        images.write(n, of(k, n), picture);
      },
      [&](int64_t k, std::span<const float> row) {
        const int64_t n = image_of(k);
        const Tensor table({1, std::ssize(row)}, row);
        const int64_t target = question.targets[static_cast<size_t>(n)];
        take(n, k - first[static_cast<size_t>(n)], of(k, n), values(table, question.objective, {&target, 1}).front());
      },
      question.progress);
}

}  // namespace convscope
