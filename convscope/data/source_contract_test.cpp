// Holds for every row of the table, also for the one you are adding.
#include <algorithm>

#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"

namespace convscope {
using namespace testing_data;

class EveryDataSource : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<DataSource> source() const { return data_sources().make(GetParam()); }
  /** The folder with both splits, or nothing. */
  std::optional<Path> folder() const {
    const auto roots = data_roots();
    const auto found = find_data(*source(), Split::train, roots);
    return found && source()->missing(Split::test, *found).empty() ? found : std::nullopt;
  }
};
INSTANTIATE_TEST_SUITE_P(Table, EveryDataSource, ::testing::ValuesIn(data_sources().names()), [](const auto& param) {
  std::string name = param.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_P(EveryDataSource, IsCalledAsItsRowIs) {
  EXPECT_EQ(source()->name(), GetParam());
  EXPECT_FALSE(data_sources().at(GetParam()).summary.empty());
  EXPECT_FALSE(source()->folders().empty());
}

TEST_P(EveryDataSource, SaysWhatAnEmptyFolderLacksAndHowToGetIt) {
  if (source()->generated()) GTEST_SKIP() << GetParam() << " has no files";
  const TemporaryFolder empty;
  const std::vector<Path> roots = {empty.path()};
  for (const Split split : kSplits) {
    EXPECT_EQ(source()->missing(split, empty.path()).size(), source()->files(split).size());
    EXPECT_TRUE(says(error_of([&] { source()->load(split, empty.path()); }), {empty.path().string(), source()->files(split)[0].name}));
    EXPECT_TRUE(says(error_of([&] { locate_data(*source(), split, roots); }),
                     {GetParam(), split_name(split), empty.path().string(), source()->how_to_get(empty.path())}));
  }
}

TEST_P(EveryDataSource, RefusesEmptyCutAndForeignFilesByTheirNames) {
  if (source()->generated()) GTEST_SKIP() << GetParam() << " has no files";
  for (const Split split : kSplits)
    for (const std::string& content : {std::string(), std::string("\0\0", 2), std::string("<html>404</html>"), std::string(5000, '\xff')}) {
      const TemporaryFolder folder;
      for (const DataFile& file : source()->files(split)) write_file(folder / file.name, content);
      EXPECT_TRUE(says(error_of([&] { source()->load(split, folder.path()); }), {(folder / source()->files(split)[0].name).string()}));
    }
}

TEST_P(EveryDataSource, RefusesAFileThatIsLongerThanPublished) {
  if (source()->generated()) GTEST_SKIP() << GetParam() << " has no files";
  const TemporaryFolder folder;
  for (const DataFile& file : source()->files(Split::test)) {
    write_file(folder / file.name, "");
    std::filesystem::resize_file(folder / file.name, static_cast<uintmax_t>(file.bytes) + 1);
  }
  EXPECT_NE(error_of([&] { source()->load(Split::test, folder.path()); }), "");
}

TEST_P(EveryDataSource, LoadsWhatWasPublished) {
  const auto found = folder();
  if (!found) GTEST_SKIP() << GetParam() << " is not on this machine";
  for (const Split split : kSplits) {
    const auto dataset = source()->load(split, *found);
    const auto published = source()->per_class(split);
    ASSERT_EQ(dataset->size(), std::accumulate(published.begin(), published.end(), int64_t{0}));
    EXPECT_EQ(dataset->classes().size(), published.size());
    EXPECT_EQ(dataset->number(dataset->size() - 1), dataset->size() - 1);
    const int64_t levels = source()->generated() ? 0 : dataset->image_shape().size();
    EXPECT_EQ(static_cast<int64_t>(dataset->levels(0).size()), levels);
  }
}

TEST_P(EveryDataSource, ChecksWithTheCountsPublished) {
  const auto found = folder();
  if (!found) GTEST_SKIP() << GetParam() << " is not on this machine";
  const DataFacts all = source()->check(*found);
  ASSERT_EQ(all.splits.size(), 2u);
  for (const SplitFacts& split : all.splits) {
    EXPECT_EQ(split.per_class, source()->per_class(parse_split(split.split)));
    EXPECT_EQ(fields_to_json(split)["images"], split.images);
  }
  EXPECT_EQ(all.files.size(), source()->files(Split::train).size() + source()->files(Split::test).size());
}

}  // namespace convscope
