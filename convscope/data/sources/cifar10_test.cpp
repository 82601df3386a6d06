#include "convscope/data/sources/cifar10.h"

#include <fstream>

#include "convscope/base/archive_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
using namespace testing_data;

namespace {

const Cifar10 kCifar{NoOptions{}};
constexpr int64_t kRecord = 3073;

/** A file of 10,000 black images of class 0, sparse, with some bytes put in. */
void write_batch(const Path& path, const std::vector<std::pair<int64_t, uint8_t>>& bytes = {}, int64_t size = 10000 * kRecord) {
  write_file(path, "");
  std::filesystem::resize_file(path, static_cast<uintmax_t>(size));
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  for (const auto& [at, value] : bytes) file.seekp(at).put(static_cast<char>(value));
}

std::string refusal(const Path& folder) {
  return error_of([&] { kCifar.load(Split::test, folder); });
}

}  // namespace

TEST(Cifar10Files, AreTheLabelThenThePlanes) {
  const TemporaryFolder folder;
  const int64_t at = 4321 * kRecord;
  write_batch(folder / "test_batch.bin", {{at, 7}, {at + 1, 10}, {at + 1 + 1024, 20}, {at + 1 + 2048 + 33, 255}});
  const auto dataset = kCifar.load(Split::test, folder.path());
  ASSERT_EQ(dataset->size(), 10000);
  EXPECT_EQ(dataset->image_shape(), (Shape{3, 32, 32}));
  EXPECT_EQ(dataset->label(4321), 7);
  EXPECT_EQ(dataset->label(4320), 0);
  EXPECT_EQ(dataset->classes()[7], "horse");
  const auto x = pixels_of(*dataset, 4321);
  EXPECT_EQ(x[0], 10 / 255.0f) << "red, first row, first column";
  EXPECT_EQ(x[1024], 20 / 255.0f) << "green";
  EXPECT_EQ(x[2048 + 33], 1.0f) << "blue, second row, second column";
}

TEST(Cifar10Files, FollowEachOtherByTheirNumbers) {
  const TemporaryFolder folder;
  for (int batch = 1; batch <= 5; ++batch)
    write_batch(folder / fmt::format("data_batch_{}.bin", batch), {{0, static_cast<uint8_t>(batch)}, {1, static_cast<uint8_t>(batch)}});
  const auto dataset = kCifar.load(Split::train, folder.path());
  ASSERT_EQ(dataset->size(), 50000);
  for (int batch = 1; batch <= 5; ++batch) {
    EXPECT_EQ(dataset->label(10000 * (batch - 1)), batch);
    EXPECT_EQ(dataset->levels(10000 * (batch - 1))[0], batch);
  }
}

TEST(Cifar10Files, TakeTheirClassNamesFromTheFileBesideThem) {
  const TemporaryFolder folder;
  write_batch(folder / "test_batch.bin");
  write_file(folder / "batches.meta.txt", "a\r\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  EXPECT_EQ(kCifar.load(Split::test, folder.path())->classes(),
            (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}));
  write_file(folder / "batches.meta.txt", "a\nb\n");
  EXPECT_TRUE(says(refusal(folder.path()), {"batches.meta.txt: 2 class names, 10 were wanted"}));
  write_file(folder / "batches.meta.txt", std::string(1 << 20, 'x'));
  EXPECT_TRUE(says(refusal(folder.path()), {"batches.meta.txt"}));
}

TEST(Cifar10Files, AreRefusedWhenCutTooLongOrWithALabelThatIsNoClass) {
  const TemporaryFolder folder;
  const Path path = folder / "test_batch.bin";
  write_batch(path, {}, 0);
  EXPECT_TRUE(says(refusal(folder.path()), {path.string(), "0 bytes, 30730000 were wanted", "empty"}));
  write_batch(path, {}, 9999 * kRecord);
  EXPECT_TRUE(says(refusal(folder.path()), {path.string(), "30726927 bytes, 30730000 were wanted", "cut"}));
  write_batch(path, {}, 10001 * kRecord);
  EXPECT_TRUE(says(refusal(folder.path()), {path.string(), "more than the 30730000 bytes"}));
  write_batch(path, {{9999 * kRecord, 10}});
  EXPECT_TRUE(says(refusal(folder.path()), {path.string(), "image 9999 has label 10", "0 to 9"}));
}

TEST(Cifar10Files, AreReadOrRefusedWhereverTheyAreCutOrDamaged) {
  std::string record(kRecord, '\7');
  const CifarFiles::Record kinds[] = {{1, 0, 10}, {2, 0, 20}, {2, 1, 100}};
  for (const auto& kind : kinds) {
    record.resize(static_cast<size_t>(kind.labels) + 3072, '\7');
    const Reader read = [&](std::string_view damaged) {
      int32_t label = -1;
      std::vector<uint8_t> levels(3072);
      CifarFiles::read_records({"x.bin", std::string(damaged)}, kind, {&label, 1}, levels);
      EXPECT_TRUE(label >= 0 && label < static_cast<int32_t>(kind.classes));
      EXPECT_EQ(damaged.size(), record.size());
    };
    EXPECT_NO_THROW(read(record));
    cut_everywhere(record, read);
    flip_bytes(record, read, 10'000, 8);
  }
}

TEST(Cifar10Files, MayStayInTheirArchive) {
  const TemporaryFolder root;
  make_folder(root / "cifar10");
  std::vector<TestEntry> entries = {{"cifar-10-batches-bin/", "", AE_IFDIR}, {"cifar-10-batches-bin/readme.html", "read me"}};
  for (const int batch : {5, 3, 1, 2, 4}) {  // in no order
    std::string records(10000 * kRecord, '\0');
    for (int64_t i = 0; i < 10000; ++i) records[static_cast<size_t>(i * kRecord)] = static_cast<char>((i + batch) % 10);
    entries.push_back({fmt::format("cifar-10-batches-bin/data_batch_{}.bin", batch), records});
  }
  entries.push_back({"cifar-10-batches-bin/test_batch.bin", entries.back().content});
  const Path archive = root / "cifar10/cifar-10-binary.tar.gz";
  write_file(archive, packed(entries, Packing::tar_gz));

  const std::vector<Path> roots = {root.path()};
  EXPECT_EQ(find_data(kCifar, Split::test, roots), root / "cifar10");
  EXPECT_EQ(kCifar.not_unpacked(Split::test, root / "cifar10"), std::vector<std::string>{"test_batch.bin"});
  const auto dataset = kCifar.load(Split::train, root / "cifar10");
  ASSERT_EQ(dataset->size(), 50000);
  for (int batch = 1; batch <= 5; ++batch) EXPECT_EQ(dataset->label(10000 * (batch - 1)), batch % 10);
  const DataFacts all = kCifar.check(root / "cifar10");
  EXPECT_EQ(all.files.size(), 7u) << "with the archive itself";
  ASSERT_EQ(all.warnings.size(), 1u);
  EXPECT_TRUE(says(all.warnings[0], {archive.string(), "c32a1d4ab5d03f1284b67883e8d87530", "counts are right"}));

  const std::string whole = read_file(archive);
  write_file(archive, whole.substr(0, whole.size() / 2));
  EXPECT_TRUE(says(refusal(root / "cifar10"), {archive.string(), "cannot unpack"}));
  write_file(archive, packed({{"readme.html", "read me"}}, Packing::tar_gz));
  EXPECT_TRUE(says(refusal(root / "cifar10"), {archive.string(), "holds no test_batch.bin"}));
  write_file(archive, packed({{"x/test_batch.bin", "short"}}, Packing::tar_gz));
  EXPECT_TRUE(says(refusal(root / "cifar10"), {archive.string(), "test_batch.bin: 5 bytes, 30730000 were wanted"}));
}

TEST(Cifar10, HasThePublishedStatistics) {
  const auto folder = find_data(kCifar, Split::train, data_roots());
  if (!folder) GTEST_SKIP() << "CIFAR-10 is not on this machine: " << kCifar.how_to_get(cache_folder());
  const DataFacts all = kCifar.check(*folder);
  EXPECT_EQ(all.splits[0].images, 50000);
  EXPECT_EQ(all.splits[1].images, 10000);
  EXPECT_EQ(all.splits[0].per_class, std::vector<int64_t>(10, 5000));
  EXPECT_EQ(all.splits[1].per_class, std::vector<int64_t>(10, 1000));
  const double mean[] = {0.4914, 0.4822, 0.4465}, deviation[] = {0.2470, 0.2435, 0.2616};
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(all.splits[0].mean.at(c), mean[c], 1e-4);
    EXPECT_NEAR(all.splits[0].deviation.at(c), deviation[c], 1e-4);
  }
  const auto train = kCifar.load(Split::train, *folder);
  EXPECT_EQ(train->classes()[static_cast<size_t>(train->label(0))], "frog") << "the first picture everybody knows";
}

}  // namespace convscope
