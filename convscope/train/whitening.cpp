#include "convscope/train/whitening.h"

#include <algorithm>
#include <vector>

#include "convscope/tensor/symmetric.h"

namespace convscope {

namespace {

constexpr int64_t kPictures = 5000;  // as published

void normalise(const Normalization& by, const Shape& image, std::span<float> pixels) {
  if (by.mean.empty()) return;
  const int64_t plane = image[1] * image[2];
  const auto of = [](const std::vector<double>& one_or_each, int64_t c) {
    return one_or_each[one_or_each.size() == 1 ? 0 : static_cast<size_t>(c)];
  };
  for (int64_t c = 0; c < image[0]; ++c)
    for (float& v : pixels.subspan(static_cast<size_t>(c * plane), static_cast<size_t>(plane)))
      v = static_cast<float>((v - of(by.mean, c)) / of(by.std, c));
}

/** Σ p pᵀ over the patches of a picture; where each number of a patch lies behind its first one is in `offsets`. */
void add_patches(const Shape& image, const float* pixels, int64_t rows, int64_t columns, const std::vector<int64_t>& offsets,
                 Tensor& sums) {
  const size_t numbers = offsets.size();
  for (int64_t i = 0; i + rows <= image[1]; ++i)
    for (int64_t j = 0; j + columns <= image[2]; ++j) {
      const float* patch = pixels + i * image[2] + j;
      for (size_t a = 0; a < numbers; ++a)
        for (size_t b = 0; b < numbers; ++b) sums[static_cast<int64_t>(a * numbers + b)] += patch[offsets[a]] * patch[offsets[b]];
    }
}

std::vector<int64_t> patch_offsets(const Shape& image, int64_t rows, int64_t columns) {
  std::vector<int64_t> offsets;
  for (int64_t c = 0; c < image[0]; ++c)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) offsets.push_back((c * image[1] + i) * image[2] + j);
  return offsets;
}

}  // namespace

WhiteningAxes whitening_axes(const Dataset& data, const Normalization& normalization, int64_t rows, int64_t columns) {
  const Shape image = data.image_shape();
  require(rows <= image[1] && columns <= image[2], "whitening: patches of {}×{} from pictures {}", rows, columns, image);
  const std::vector<int64_t> offsets = patch_offsets(image, rows, columns);
  const int64_t numbers = std::ssize(offsets), pictures = std::min(kPictures, data.size());
  std::vector<double> moments(static_cast<size_t>(numbers * numbers));
  std::vector<float> pixels(static_cast<size_t>(image.size()));
  for (int64_t n = 0; n < pictures; ++n) {
    data.pixels(n, 0, pixels);
    normalise(normalization, image, pixels);
    Tensor sums({numbers, numbers});  // short sums in single precision, their sum in double
    add_patches(image, pixels.data(), rows, columns, offsets, sums);
    for (int64_t i = 0; i < sums.size(); ++i) moments[static_cast<size_t>(i)] += sums[i];
  }
  const double patches = static_cast<double>(pictures * (image[1] - rows + 1) * (image[2] - columns + 1));
  for (double& m : moments) m /= patches;
  SymmetricEigen eigen = symmetric_eigen(std::move(moments));
  Tensor directions({numbers, numbers});
  std::copy(eigen.vectors.begin(), eigen.vectors.end(), directions.data());
  return {std::move(eigen.values), std::move(directions)};
}

void fill_whitening(const Graph& network, const Dataset& data, const Normalization& normalization, std::map<std::string, Tensor>& tensors) {
  for (const ParameterInfo& p : parameters(network)) {
    const Choice choice = parse_choice(p.init);
    if (choice.name != kWhitening) continue;
    require(p.shape.rank() == 4 && p.shape[1] == data.image_shape()[0], "parameter '{}' {}: filters of pictures {} were to be whitened",
            p.name, p.shape, data.image_shape());
    const WhiteningAxes axes = whitening_axes(data, normalization, p.shape[2], p.shape[3]);
    whitening_filters(axes, fields_from_json<WhiteningOptions>(choice.options, p.name), tensors.at(p.name));
  }
}

}  // namespace convscope
