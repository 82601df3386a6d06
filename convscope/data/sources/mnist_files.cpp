#include "convscope/data/sources/mnist_files.h"

#include <utility>

#include "convscope/data/idx.h"
#include "convscope/data/images8.h"

namespace convscope {

namespace {
constexpr const char *kTrainImages = "train-images-idx3-ubyte", *kTrainLabels = "train-labels-idx1-ubyte",
                     *kTestImages = "t10k-images-idx3-ubyte", *kTestLabels = "t10k-labels-idx1-ubyte";

Shape images_shape(Split split) { return {split == Split::train ? 60000 : 10000, 28, 28}; }
Shape labels_shape(Split split) { return {images_shape(split)[0]}; }
}  // namespace

std::vector<DataFile> MnistFiles::files(Split split) const {
  const Facts f = facts();
  const int64_t images = idx_file_bytes(images_shape(split)), labels = idx_file_bytes(labels_shape(split));
  if (split == Split::train) return {{kTrainImages, images, f.train_images.content}, {kTrainLabels, labels, f.train_labels.content}};
  return {{kTestImages, images, f.test_images.content}, {kTestLabels, labels, f.test_labels.content}};
}

Offer MnistFiles::offer() const {
  const Facts f = facts();
  const auto gzipped = [](const char* name, const Checksums& sums) { return OfferedFile{std::string(name) + ".gz", sums.gzipped}; };
  return {f.address,
          {gzipped(kTrainImages, f.train_images), gzipped(kTrainLabels, f.train_labels), gzipped(kTestImages, f.test_images),
           gzipped(kTestLabels, f.test_labels)}};
}

std::string MnistFiles::how_to_get(const Path& root) const {
  return fmt::format("`convscope data get {}`; or put {}.gz, {}.gz, {}.gz and {}.gz from {} into {}", name(), kTrainImages, kTrainLabels,
                     kTestImages, kTestLabels, facts().address, (root / name()).string());
}

std::shared_ptr<const Dataset> MnistFiles::load(Split split, const Path& folder) const {
  FileContent image_file, label_file;
  read(files(split), folder, [&](size_t i, FileContent content) { (i == 0 ? image_file : label_file) = std::move(content); });
  const Shape shape = images_shape(split);
  const std::vector<std::string> classes = facts().classes;
  const auto levels = idx_numbers(image_file.bytes, shape, image_file.path.string());
  const auto raw_labels = idx_numbers(label_file.bytes, labels_shape(split), label_file.path.string());

  std::vector<int32_t> labels;
  labels.reserve(raw_labels.size());
  for (const uint8_t label : raw_labels)
    labels.push_back(checked_label(label, classes.size(), static_cast<int64_t>(labels.size()), label_file.path));
  return std::make_shared<Images8>(Shape{shape[0], 1, shape[1], shape[2]}, std::vector<uint8_t>(levels.begin(), levels.end()),
                                   std::move(labels), classes);
}

}  // namespace convscope
