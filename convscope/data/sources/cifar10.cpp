#include "convscope/data/sources/cifar10.h"

namespace convscope {

std::vector<DataFile> Cifar10::files(Split split) const {
  const int64_t bytes = bytes_of(10000, 1);
  if (split == Split::test) return {{"test_batch.bin", bytes, ""}};
  std::vector<DataFile> all;
  for (int batch = 1; batch <= 5; ++batch) all.push_back({fmt::format("data_batch_{}.bin", batch), bytes, ""});
  return all;
}

std::vector<int64_t> Cifar10::per_class(Split split) const { return std::vector<int64_t>(10, split == Split::train ? 5000 : 1000); }

CifarFiles::Format Cifar10::format() const {
  return {
      .archive = "cifar-10-binary.tar.gz",
      .md5 = "c32a1d4ab5d03f1284b67883e8d87530",
      .archive_folder = "cifar-10-batches-bin",
      .names_file = "batches.meta.txt",
      .classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
  };
}

}  // namespace convscope
