#include "convscope/data/cifar_c.h"

#include <utility>

#include "convscope/data/corruption.h"
#include "convscope/data/images8.h"

namespace convscope {

namespace {

class PublishedPictures : public Dataset {
 public:
  PublishedPictures(std::shared_ptr<const NpyBytes> file, int64_t first, std::shared_ptr<const Dataset> clean)
      : file_(std::move(file)), first_(first), clean_(std::move(clean)) {}

  int64_t size() const override { return clean_->size(); }
  Shape image_shape() const override { return clean_->image_shape(); }
  const std::vector<std::string>& classes() const override { return clean_->classes(); }
  int64_t label(int64_t index) const override { return clean_->label(index); }
  int64_t number(int64_t index) const override { return clean_->number(index); }
  void pixels(int64_t index, uint64_t, std::span<float> out) const override {
    std::vector<uint8_t> levels(out.size());  // [H, W, C]
    file_->row(first_ + number(index), levels);
    const size_t channels = static_cast<size_t>(image_shape()[0]), plane = out.size() / channels;
    for (size_t i = 0; i < out.size(); ++i) out[i] = pixel_of_level(levels[i % plane * channels + i / plane]);
  }

 private:
  std::shared_ptr<const NpyBytes> file_;
  int64_t first_;
  std::shared_ptr<const Dataset> clean_;
};

}  // namespace

PublishedCorruptions::PublishedCorruptions(const Path& folder) : folder_(folder) {
  const Path file = folder / "labels.npy";
  const Tensor labels = read_npy(file);
  require(labels.shape().rank() == 1 && labels.size() > 0 && labels.size() % kSeverities == 0,
          "{}: an array {}; labels [5 N], of five severities one behind the other, were wanted", file.string(), labels.shape());
  const int64_t count = labels.size() / kSeverities;
  for (int64_t i = 0; i < labels.size(); ++i) {
    require(labels[i] == labels[i % count], "{}: label {} is {}, that of the same picture at severity 1 is {}", file.string(), i, labels[i],
            labels[i % count]);
    if (i < count) labels_.push_back(static_cast<int64_t>(labels[i]));
  }
  for (const std::string& name : corruptions().names())
    if (std::filesystem::exists(folder / (name + ".npy"))) names_.push_back(name);
  require(!names_.empty(), "{}: labels, but no array of a corruption; fog.npy and others were wanted", folder.string());
}

std::shared_ptr<const Dataset> PublishedCorruptions::of(const std::string& name, int64_t severity,
                                                        std::shared_ptr<const Dataset> clean) const {
  const Path path = folder_ / (name + ".npy");
  const auto file = std::make_shared<const NpyBytes>(path);
  const int64_t count = std::ssize(labels_);
  const Shape image = clean->image_shape(), wanted{kSeverities * count, image[1], image[2], image[0]};
  require(file->shape() == wanted, "{}: an array {}; pictures {}, as many as labels, were wanted", path.string(), file->shape(), wanted);
  for (int64_t i = 0; i < clean->size(); ++i) {
    const int64_t number = clean->number(i);
    require(number < count, "{}: no picture {}; there are {} at each severity", path.string(), number, count);
    require(labels_[static_cast<size_t>(number)] == clean->label(i),
            "{}: picture {} is of class {}, in the data of class {}; these are other pictures, or another split", folder_.string(), number,
            labels_[static_cast<size_t>(number)], clean->label(i));
  }
  return std::make_shared<PublishedPictures>(file, (severity - 1) * count, std::move(clean));
}

}  // namespace convscope
