#include "convscope/data/sources/mnist.h"

#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
using namespace testing_data;

namespace {
const Mnist kMnist{NoOptions{}};
}

TEST(Mnist, HasClassesOfDifferentSizes) {
  const auto train = kMnist.per_class(Split::train), test = kMnist.per_class(Split::test);
  EXPECT_EQ(std::accumulate(train.begin(), train.end(), int64_t{0}), 60000);
  EXPECT_EQ(std::accumulate(test.begin(), test.end(), int64_t{0}), 10000);
}

TEST(Mnist, IsReadFromIdxFilesAndItsCountsAreChecked) {
  const TemporaryFolder folder;
  const auto write = [&](const char* images_name, const char* labels_name, Split split, bool right) {
    std::string labels;
    for (size_t y = 0; y < 10; ++y) labels.append(static_cast<size_t>(kMnist.per_class(split)[y]), static_cast<char>(y));
    if (!right) labels[0] = 9;
    const uint32_t count = static_cast<uint32_t>(labels.size());
    std::string images(size_t{count} * 784, '\0');
    images[783] = '\x40';
    write_file(folder / images_name, idx_file(0x803, {count, 28, 28}, images));
    write_gzip(folder / labels_name, idx_file(0x801, {count}, labels));
  };
  write("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", Split::train, true);
  write("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz", Split::test, true);
  const auto dataset = kMnist.load(Split::test, folder.path());
  EXPECT_EQ(dataset->image_shape(), (Shape{1, 28, 28}));
  EXPECT_EQ(dataset->levels(0)[783], 0x40);
  EXPECT_EQ(dataset->classes()[static_cast<size_t>(dataset->label(9999))], "9");
  EXPECT_EQ(kMnist.check(folder.path()).warnings.size(), 4u) << "these are not the official bytes, the counts are right";

  write("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz", Split::test, false);
  EXPECT_TRUE(says(error_of([&] { kMnist.check(folder.path()); }), {"979 test images of class 0", "980 were published"}));
}

TEST(Mnist, IsReadFromFilesWithADotBeforeIdx) {
  const TemporaryFolder folder;
  std::string labels;
  for (size_t y = 0; y < 10; ++y) labels.append(static_cast<size_t>(kMnist.per_class(Split::test)[y]), static_cast<char>(y));
  write_file(folder / "t10k-images.idx3-ubyte", idx_file(0x803, {10000, 28, 28}, std::string(10000 * 784, '\1')));
  write_gzip(folder / "t10k-labels.idx1-ubyte.gz", idx_file(0x801, {10000}, labels));
  EXPECT_TRUE(kMnist.missing(Split::test, folder.path()).empty());
  EXPECT_EQ(kMnist.load(Split::test, folder.path())->size(), 10000);
}

}  // namespace convscope
