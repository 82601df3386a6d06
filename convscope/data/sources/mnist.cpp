#include "convscope/data/sources/mnist.h"

namespace convscope {

std::vector<int64_t> Mnist::per_class(Split split) const {
  if (split == Split::train) return {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
  return {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
}

MnistFiles::Facts Mnist::facts() const {
  return {
      .train_images = {"6bbc9ace898e44ae57da46a324031adb", "f68b3c2dcbeaaa9fbdd348bbdeb94873"},
      .train_labels = {"a25bea736e30d166cdddb491f175f624", "d53e105ee54ea40749a09fcbcd1e9432"},
      .test_images = {"2646ac647ad5339dbf082846283269ea", "9fb629c4189551a2d022fa330f9573f3"},
      .test_labels = {"27ae3e4e09519cfbb04c329615203637", "ec29112dd5afa0611ce80d1b7f02629c"},
      .address = "https://ossci-datasets.s3.amazonaws.com/mnist/",
      .classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
  };
}

}  // namespace convscope
