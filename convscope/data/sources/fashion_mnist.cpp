#include "convscope/data/sources/fashion_mnist.h"

namespace convscope {

std::vector<int64_t> FashionMnist::per_class(Split split) const { return std::vector<int64_t>(10, split == Split::train ? 6000 : 1000); }

MnistFiles::Facts FashionMnist::facts() const {
  return {
      .train_images = {"f4a8712d7a061bf5bd6d2ca38dc4d50a", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
      .train_labels = {"9018921c3c673c538a1fc5bad174d6f9", "25c81989df183df01b3e8a0aad5dffbe"},
      .test_images = {"8181f5470baa50b63fa0f6fddb340f0a", "bef4ecab320f06d8554ea6380940ec79"},
      .test_labels = {"15d484375f8d13e6eb1aabb0c3f46965", "bb300cfdad3c16e7a12a480ee83cd310"},
      .address = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      // As the authors' README lists them.
      .classes = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
  };
}

std::string FashionMnist::how_to_get(const Path& root) const {
  return "on Debian `apt-get install dataset-fashion-mnist`; elsewhere " + MnistFiles::how_to_get(root);
}

}  // namespace convscope
