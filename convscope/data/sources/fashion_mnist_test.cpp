#include "convscope/data/sources/fashion_mnist.h"

#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
using namespace testing_data;

namespace {

const FashionMnist kFashion{NoOptions{}};

std::string ten_thousand_labels() {
  std::string labels;
  for (int i = 0; i < 10000; ++i) labels += static_cast<char>(i % 10);
  return labels;
}

std::string ten_thousand_images() {
  std::string images(10000 * 28 * 28, '\0');
  for (size_t i = 0; i < images.size(); ++i) images[i] = static_cast<char>(i % 251);
  return images;
}

}  // namespace

TEST(FashionMnistFiles, AreReadGzippedOrNot) {
  const TemporaryFolder plain, packed;
  const std::string images = idx_file(0x803, {10000, 28, 28}, ten_thousand_images()),
                    labels = idx_file(0x801, {10000}, ten_thousand_labels());
  write_file(plain / "t10k-images-idx3-ubyte", images);
  write_file(plain / "t10k-labels-idx1-ubyte", labels);
  write_gzip(packed / "t10k-images-idx3-ubyte.gz", images);
  write_gzip(packed / "t10k-labels-idx1-ubyte.gz", labels);
  const auto a = kFashion.load(Split::test, plain.path()), b = kFashion.load(Split::test, packed.path());
  ASSERT_EQ(a->size(), 10000);
  ASSERT_EQ(b->size(), 10000);
  EXPECT_EQ(a->image_shape(), (Shape{1, 28, 28}));
  for (const int64_t i : {0, 1, 4567, 9999}) {
    EXPECT_EQ(a->label(i), i % 10);
    EXPECT_EQ(pixels_of(*a, i), pixels_of(*b, i));
    EXPECT_EQ(a->levels(i)[3], (i * 784 + 3) % 251);
  }
}

TEST(FashionMnistFiles, AreRefusedWithALabelThatIsNoClass) {
  const TemporaryFolder folder;
  std::string labels = ten_thousand_labels();
  labels[77] = 10;
  write_gzip(folder / "t10k-images-idx3-ubyte.gz", idx_file(0x803, {10000, 28, 28}, ten_thousand_images()));
  write_file(folder / "t10k-labels-idx1-ubyte", idx_file(0x801, {10000}, labels));
  EXPECT_TRUE(
      says(error_of([&] { kFashion.load(Split::test, folder.path()); }), {"t10k-labels-idx1-ubyte: image 77 has label 10", "0 to 9"}));
}

TEST(FashionMnistFiles, AreRefusedWithTheSplitsExchanged) {
  const TemporaryFolder folder;
  write_gzip(folder / "train-images-idx3-ubyte.gz", idx_file(0x803, {10000, 28, 28}, ten_thousand_images()));
  write_gzip(folder / "train-labels-idx1-ubyte.gz", idx_file(0x801, {10000}, ten_thousand_labels()));
  EXPECT_TRUE(says(error_of([&] { kFashion.load(Split::train, folder.path()); }), {"[10000, 28, 28]", "[60000, 28, 28] was wanted"}));
}

TEST(FashionMnist, HasThePublishedStatisticsAndChecksums) {
  const auto folder = find_data(kFashion, Split::train, data_roots());
  if (!folder) GTEST_SKIP() << "Fashion-MNIST is not on this machine: " << kFashion.how_to_get(cache_folder());
  const DataFacts all = kFashion.check(*folder);
  EXPECT_EQ(all.splits[0].images, 60000);
  EXPECT_EQ(all.splits[1].images, 10000);
  EXPECT_EQ(all.splits[0].per_class, std::vector<int64_t>(10, 6000));
  EXPECT_EQ(all.splits[1].per_class, std::vector<int64_t>(10, 1000));
  EXPECT_NEAR(all.splits[0].mean.at(0), 0.2860, 5e-5);
  EXPECT_NEAR(all.splits[0].deviation.at(0), 0.3530, 5e-5);
  EXPECT_TRUE(all.warnings.empty()) << all.warnings[0];
  const auto train = kFashion.load(Split::train, *folder);
  EXPECT_EQ(train->classes()[static_cast<size_t>(train->label(0))], "Ankle boot") << "the first picture everybody knows";
}

TEST(FashionMnist, WarnsOfOtherContentWithTheRightCounts) {
  const auto folder = find_data(kFashion, Split::train, data_roots());
  if (!folder) GTEST_SKIP() << "Fashion-MNIST is not on this machine: " << kFashion.how_to_get(cache_folder());
  const TemporaryFolder other;
  for (const Split split : kSplits)
    for (const DataFile& file : kFashion.files(split))
      if (split == Split::train) std::filesystem::create_symlink(*folder / (file.name + ".gz"), other / (file.name + ".gz"));
  write_file(other / "t10k-images-idx3-ubyte", idx_file(0x803, {10000, 28, 28}, ten_thousand_images()));
  write_file(other / "t10k-labels-idx1-ubyte", idx_file(0x801, {10000}, ten_thousand_labels()));
  const DataFacts all = kFashion.check(other.path());
  ASSERT_EQ(all.warnings.size(), 2u);
  EXPECT_TRUE(says(all.warnings[0], {"t10k-images-idx3-ubyte", "8181f5470baa50b63fa0f6fddb340f0a", "counts are right"}));

  std::string labels = ten_thousand_labels();
  labels[0] = 1;
  write_file(other / "t10k-labels-idx1-ubyte", idx_file(0x801, {10000}, labels));
  EXPECT_TRUE(says(error_of([&] { kFashion.check(other.path()); }), {"999 test images of class 0 'T-shirt/top'", "1000 were published"}));
}

}  // namespace convscope
