#include "convscope/data/sources/fashion_mnist.h"

#include "convscope/data/idx.h"
#include "convscope/data/images8.h"

namespace convscope {

namespace {
constexpr size_t kClasses = 10;

/** As the authors' README lists them. */
std::vector<std::string> class_names() {
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
}

Shape images_shape(Split split) { return {split == Split::train ? 60000 : 10000, 28, 28}; }
Shape labels_shape(Split split) { return {images_shape(split)[0]}; }
}  // namespace

std::vector<DataFile> FashionMnist::files(Split split) const {
  const int64_t images = idx_file_bytes(images_shape(split)), labels = idx_file_bytes(labels_shape(split));
  if (split == Split::train)
    return {{"train-images-idx3-ubyte", images, "f4a8712d7a061bf5bd6d2ca38dc4d50a"},
            {"train-labels-idx1-ubyte", labels, "9018921c3c673c538a1fc5bad174d6f9"}};
  return {{"t10k-images-idx3-ubyte", images, "8181f5470baa50b63fa0f6fddb340f0a"},
          {"t10k-labels-idx1-ubyte", labels, "15d484375f8d13e6eb1aabb0c3f46965"}};
}

std::vector<int64_t> FashionMnist::per_class(Split split) const {
  return std::vector<int64_t>(kClasses, images_shape(split)[0] / static_cast<int64_t>(kClasses));
}

std::string FashionMnist::how_to_get(const Path& root) const {
  return fmt::format(
      "on Debian `apt-get install dataset-fashion-mnist`; elsewhere put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
      "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz from http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/ into {}",
      (root / kName).string());
}

std::shared_ptr<const Dataset> FashionMnist::load(Split split, const Path& folder) const {
  const std::vector<DataFile> published = files(split);
  const Content image_file = read(published[0], folder), label_file = read(published[1], folder);
  const Shape shape = images_shape(split);
  const auto levels = idx_numbers(image_file.bytes, shape, image_file.path.string());
  const auto raw_labels = idx_numbers(label_file.bytes, labels_shape(split), label_file.path.string());

  std::vector<int32_t> labels;
  labels.reserve(raw_labels.size());
  for (const uint8_t label : raw_labels)
    labels.push_back(checked_label(label, kClasses, static_cast<int64_t>(labels.size()), label_file.path));
  return std::make_shared<Images8>(Shape{shape[0], 1, shape[1], shape[2]}, std::vector<uint8_t>(levels.begin(), levels.end()),
                                   std::move(labels), class_names());
}

}  // namespace convscope
