#include "convscope/data/sources/cifar100.h"

#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
using namespace testing_data;

namespace {

constexpr size_t kRecord = 2 + 3072;
const Cifar100 kFine{Cifar100::Options{}}, kCoarse{Cifar100::Options{.coarse = true}};

/** `count` pictures; picture i has the fine label i mod 100 and the coarse one i mod 20. */
std::string records(int64_t count) {
  std::string bytes(static_cast<size_t>(count) * kRecord, '\0');
  for (int64_t i = 0; i < count; ++i) {
    char* record = bytes.data() + static_cast<size_t>(i) * kRecord;
    record[0] = static_cast<char>(i % 20);
    record[1] = static_cast<char>(i % 100);
    record[2] = static_cast<char>(i % 7);
    record[2 + 1024] = 50;
    record[2 + 3071] = static_cast<char>(255);
  }
  return bytes;
}

}  // namespace

TEST(Cifar100Files, AreTheCoarseLabelTheFineOneThenThePlanes) {
  const TemporaryFolder folder;
  write_file(folder / "test.bin", records(10000));
  const auto fine = kFine.load(Split::test, folder.path()), coarse = kCoarse.load(Split::test, folder.path());
  ASSERT_EQ(fine->size(), 10000);
  EXPECT_EQ(fine->image_shape(), (Shape{3, 32, 32}));
  for (const int64_t i : {0, 1, 57, 4567, 9999}) {
    EXPECT_EQ(fine->label(i), i % 100);
    EXPECT_EQ(coarse->label(i), i % 20);
    EXPECT_EQ(pixels_of(*fine, i), pixels_of(*coarse, i));
    EXPECT_EQ(fine->levels(i)[0], i % 7);
    EXPECT_EQ(fine->levels(i)[1024], 50);
    EXPECT_EQ(fine->levels(i)[3071], 255);
  }
  EXPECT_EQ(fine->classes().size(), 100u);
  EXPECT_EQ(coarse->classes().size(), 20u);
  EXPECT_TRUE(std::is_sorted(fine->classes().begin(), fine->classes().end())) << "the published names are in order";
  EXPECT_TRUE(std::is_sorted(coarse->classes().begin(), coarse->classes().end()));
}

TEST(Cifar100Files, AreRefusedWithALabelThatIsNoClass) {
  const TemporaryFolder folder;
  std::string bytes = records(10000);
  bytes[5 * kRecord + 1] = 100;
  write_file(folder / "test.bin", bytes);
  EXPECT_TRUE(says(error_of([&] { kFine.load(Split::test, folder.path()); }), {"test.bin: image 5 has label 100", "0 to 99"}));
  bytes[3 * kRecord] = 20;
  write_file(folder / "test.bin", bytes);
  EXPECT_TRUE(says(error_of([&] { kCoarse.load(Split::test, folder.path()); }), {"test.bin: image 3 has label 20", "0 to 19"}));
}

TEST(Cifar100, HasThePublishedCounts) {
  const auto folder = find_data(kFine, Split::train, data_roots());
  if (!folder) GTEST_SKIP() << "CIFAR-100 is not on this machine: " << kFine.how_to_get(cache_folder());
  EXPECT_EQ(kFine.check(*folder).splits[0].per_class, std::vector<int64_t>(100, 500));
  EXPECT_EQ(kCoarse.check(*folder).splits[1].per_class, std::vector<int64_t>(20, 500));
}

}  // namespace convscope
