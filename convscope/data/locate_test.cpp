#include "convscope/data/locate.h"

#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

namespace {
const std::unique_ptr<DataSource> kSource = data_sources().make("cifar10");

void put_test_batch(const Path& folder) {
  make_folder(folder);
  write_file(folder / "test_batch.bin", "");
}
}  // namespace

TEST(Roots, AreTheFlagThenTheVariableThenDebiansThenTheCache) {
  const Environment variable("CONVSCOPE_DATA", "/variable"), cache("XDG_CACHE_HOME", "/cache");
  EXPECT_EQ(data_roots("/usr"), (std::vector<Path>{"/usr", "/variable", "/usr/share/datasets", "/cache/convscope"}));
  const Environment unset("CONVSCOPE_DATA", nullptr);
  EXPECT_EQ(data_roots(), (std::vector<Path>{"/usr/share/datasets", "/cache/convscope"}));
}

TEST(Roots, PutTheCacheIntoTheHomeWhereXdgSaysNothing) {
  const Environment home("HOME", "/home/somebody");
  for (const char* cache : {static_cast<const char*>(nullptr), "", "relative"}) {
    const Environment unset("XDG_CACHE_HOME", cache);
    EXPECT_EQ(cache_folder(), "/home/somebody/.cache/convscope");
  }
}

TEST(Roots, DoWithoutAHome) {
  const Environment home("HOME", nullptr), cache("XDG_CACHE_HOME", nullptr), variable("CONVSCOPE_DATA", nullptr);
  EXPECT_EQ(cache_folder(), "");
  EXPECT_EQ(data_roots(), (std::vector<Path>{"/usr/share/datasets"}));
}

TEST(Locate, FindsTheFilesInTheNamedFolderTheArchivesFolderOrTheRootItself) {
  for (const char* place : {"cifar10", "cifar10/cifar-10-batches-bin", "cifar-10-batches-bin", "."}) {
    const TemporaryFolder root;
    put_test_batch(root / place);
    const std::vector<Path> roots = {root.path()};
    const auto found = find_data(*kSource, Split::test, roots);
    ASSERT_TRUE(found.has_value()) << place;
    EXPECT_TRUE(std::filesystem::equivalent(*found, root / place));
    EXPECT_FALSE(find_data(*kSource, Split::train, roots).has_value()) << "the other split is not there";
  }
}

TEST(Locate, TakesTheFirstRootThatHoldsThem) {
  const TemporaryFolder empty, second, third;
  put_test_batch(second / "cifar10");
  put_test_batch(third / "cifar10");
  const std::vector<Path> roots = {empty.path(), "/there/is/no/such/folder", second.path(), third.path()};
  EXPECT_EQ(locate_data(*kSource, Split::test, roots), second / "cifar10");
}

TEST(Locate, PassesOverAnUnfinishedCopy) {
  const TemporaryFolder unfinished, whole;
  for (int batch = 1; batch <= 5; ++batch) {
    const std::string name = fmt::format("data_batch_{}.bin", batch);
    if (batch != 4) write_file(unfinished / name, "");
    write_file(whole / name, "");
  }
  const std::vector<Path> roots = {unfinished.path(), whole.path()};
  EXPECT_EQ(locate_data(*kSource, Split::train, roots), whole.path());
  EXPECT_TRUE(says(error_of([&] { locate_data(*kSource, Split::train, std::span(roots).first(1)); }),
                   {unfinished.path().string() + " (lacks data_batch_4.bin)"}));
}

TEST(Locate, KnowsWhatToDoAboutMissingData) {
  const std::vector<Path> roots = {"/no/first", "/no/second"};
  EXPECT_TRUE(says(
      error_of([&] { open_dataset({"cifar10"}, Split::test, roots); }),
      {"cifar10: the test files are not there", "/no/first/cifar10", "/no/second", "cifar-10-binary.tar.gz", "into /no/second/cifar10"}));
  EXPECT_TRUE(says(error_of([&] { open_dataset({"fashion-mnist"}, Split::train, roots); }), {"apt-get install dataset-fashion-mnist"}));
  EXPECT_TRUE(says(error_of([&] { open_dataset({"cifra10"}, Split::train, roots); }), {"no data set 'cifra10'", "did you mean 'cifar10'"}));
}

TEST(AbsoluteData, AreTheSameDataFromAnyFolder) {
  const TemporaryFolder folder;
  make_folder(folder / "pets" / "cat");
  make_folder(folder / "a,b=c" / "cat");
  const std::string pets = std::filesystem::canonical(folder / "pets").string();
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_EQ(absolute_data("./pets/,held_out=0.5"), pets + ",held_out=0.5");
  EXPECT_EQ(absolute_data("pets"), pets);
  EXPECT_EQ(absolute_data("folder,path=pets,grey=true"), pets + ",grey=true");
  EXPECT_EQ(absolute_data("cifar10"), "cifar10");
  EXPECT_EQ(absolute_data("./nothing"), "./nothing");
  const std::string odd = absolute_data("./a,b=c");
  std::filesystem::current_path(before);
  EXPECT_EQ(absolute_data(absolute_data(pets + ",size=8")), pets + ",size=8");
  EXPECT_EQ(image_folder_of(data_choice(odd, {}))->filename(), "a,b=c");
}

}  // namespace convscope
