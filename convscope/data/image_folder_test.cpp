#include "convscope/data/image_folder.h"

#include <fstream>
#include <set>

#include "convscope/base/threads.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/locate.h"
#include "convscope/tensor/resize.h"

namespace convscope {
using namespace testing_data;

namespace {

/** Columns brighten, rows darken; `level` tells pictures apart. */
Image picture(int level, int64_t rows = 4, int64_t columns = 6, int64_t channels = 3) {
  Image image{channels, rows, columns, {}};
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t x = 0; x < columns; ++x) image.pixels.push_back(static_cast<uint8_t>((level + 7 * x + 13 * r + c) % 256));
  return image;
}

void put(const Path& path, const Image& image) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << encode_png(image);
}

/** Two classes of five pictures, in no order on the disk. */
void put_pets(const Path& folder, int first = 0) {
  for (const int i : {3, 0, 4, 1, 2}) {
    put(folder / "dog" / fmt::format("{}.png", i), picture(first + 100 + i));
    put(folder / "cat" / fmt::format("{}.PNG", i), picture(first + i));
  }
}

ImageFolderOptions sized(int64_t size) {
  ImageFolderOptions o;
  o.size = size;
  return o;
}

std::vector<uint8_t> levels(const Dataset& dataset, int64_t index) {
  const auto all = dataset.levels(index);
  return {all.begin(), all.end()};
}

TEST(ImageFolder, HasSortedClassesAndSortedFiles) {
  const TemporaryFolder folder;
  put_pets(folder.path());
  const auto data = open_image_folder(folder.path(), sized(5), Split::train);
  EXPECT_EQ(data->classes(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(data->image_shape(), (Shape{3, 5, 5}));
  ASSERT_EQ(data->size(), 10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(data->label(i), i / 5);
    EXPECT_EQ(data->number(i), i);
    EXPECT_EQ(levels(*data, i), resize(picture(i / 5 * 100 + i % 5), 5, 5).pixels);
  }
  EXPECT_FLOAT_EQ(pixels_of(*data, 0)[0], data->levels(0)[0] / 255.0f);
}

TEST(ImageFolder, HasOneMappingForTrainAndTest) {
  for (const char* test : {"test", "val"}) {
    const TemporaryFolder folder;
    put_pets(folder / "train");
    put(folder / Path(test) / "dog" / "x.png", picture(7));
    const auto train = open_image_folder(folder.path(), sized(4), Split::train);
    const auto tested = open_image_folder(folder.path(), sized(4), Split::test);
    EXPECT_EQ(train->size(), 10);
    ASSERT_EQ(tested->size(), 1);
    EXPECT_EQ(tested->classes(), train->classes());
    EXPECT_EQ(tested->label(0), 1);
    EXPECT_TRUE(has_splits(folder.path()));
    put(folder / Path(test) / "emu" / "x.png", picture(7));
    EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), sized(4), Split::test); }),
                     {std::string(test) + "/emu: no class folder of this name in", "known: cat, dog"}));
  }
}

TEST(ImageFolder, PassesOverWhatIsHiddenAndCountsWhatIsBesideOrOfAnotherKind) {
  const TemporaryFolder folder;
  put_pets(folder.path());
  put(folder / ".thumbnails" / "x.png", picture(1));
  put(folder / "cat" / ".x.png", picture(1));
  EXPECT_EQ(decoding_of(*open_image_folder(folder.path(), sized(4), Split::test))->left_out, "");
  put(folder / "stray.png", picture(1));
  write_file(folder / "cat" / "a.heic", "not read");
  write_file(folder / "dog" / "b.heic", "not read");
  write_file(folder / "dog" / "c.tif", "not read");
  write_file(folder / "README", "not a picture");
  const auto data = open_image_folder(folder.path(), sized(4), Split::test);
  EXPECT_EQ(data->classes().size(), 2u);
  EXPECT_EQ(data->size(), 10);
  EXPECT_EQ(decoding_of(*data)->left_out,
            "5 files left out, which are no pictures that are read: 1 without an ending, 2 .heic, 1 .tif, 1 beside the class folders");
}

TEST(ImageFolder, ReadsPicturesInFoldersOfAClassAsTorchvisionDoes) {
  const TemporaryFolder folder;
  put(folder / "a" / "z.png", picture(1));
  put(folder / "a" / "inner" / "deep" / "y.png", picture(2));
  put(folder / "a" / "inner" / "x.png", picture(3));
  put(folder / "b" / "only" / "w.png", picture(4));
  // A link that leads back is walked no second time.
  std::filesystem::create_directory_symlink(folder / "a", folder / "a" / "inner" / "loop");
  const auto data = open_image_folder(folder.path(), sized(4), Split::train);
  ASSERT_EQ(data->size(), 4);
  std::vector<std::string> files;
  for (int i = 0; i < 4; ++i) files.push_back(data->file(i).filename().string());
  EXPECT_EQ(files, (std::vector<std::string>{"z.png", "x.png", "y.png", "w.png"}));
  EXPECT_EQ(data->label(3), 1);
}

TEST(ImageFolder, TurnsPhotosAsTheirCameraWasHeldWhereThatIsWanted) {
  const TemporaryFolder folder;
  make_folder(folder / "a");
  const Path photo = Path(CONVSCOPE_FIXTURES) / "pictures" / "turned-6.jpg";
  std::filesystem::copy_file(photo, folder / "a" / "x.jpg");
  const auto levels_with = [&](bool orient) {
    ImageFolderOptions o = sized(12);
    o.orient = orient;
    return levels(*open_image_folder(folder.path(), o, Split::train), 0);
  };
  EXPECT_EQ(levels_with(false), resize(read_image(photo), 12, 12).pixels);
  EXPECT_EQ(levels_with(true), resize(read_image(photo.string() + ".png"), 12, 12).pixels);
}

TEST(ImageFolder, KnowsTheNamesThatPeopleGiveSplits) {
  for (const char* train : {"train", "training"})
    for (const char* test : {"test", "testing", "val", "valid", "validation"}) {
      const TemporaryFolder folder;
      put_pets(folder / train);
      put(folder / test / "dog" / "x.png", picture(7));
      EXPECT_EQ(open_image_folder(folder.path(), sized(4), Split::train)->size(), 10) << train;
      EXPECT_EQ(open_image_folder(folder.path(), sized(4), Split::test)->size(), 1) << test;
    }
}

TEST(ImageFolder, TellsTheKindOfAFileByItsFirstBytes) {
  const TemporaryFolder folder;
  put(folder / "a" / "png-inside.jpg", picture(9, 4, 4));
  EXPECT_EQ(levels(*open_image_folder(folder.path(), sized(4), Split::train), 0), picture(9, 4, 4).pixels);
}

TEST(ImageFolder, NamesTheClassThatIsEmptyAndTheFileThatIsNoPicture) {
  const TemporaryFolder folder;
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), sized(4), Split::train); }), {"no class folders in it"}));
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder / "none", sized(4), Split::train); }), {"none: no such folder"}));
  put_pets(folder.path());
  make_folder(folder / "emu");
  EXPECT_TRUE(
      says(error_of([&] { open_image_folder(folder.path(), sized(4), Split::train); }), {"emu: the class folder holds no picture"}));
  write_file(folder / "emu" / "x.jpg", "<html>404</html>");
  const std::string text = error_of([&] { open_image_folder(folder.path(), sized(4), Split::train); });
  EXPECT_TRUE(says(text, {"emu/x.jpg: not a JPEG, PNG, WebP, BMP or GIF image"}));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(ImageFolder, WithOneSplitHasNoOther) {
  const TemporaryFolder folder;
  put_pets(folder / "train");
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), sized(4), Split::test); }),
                   {"has no test/, testing/, val/, valid/ or validation/"}));
  const TemporaryFolder other;
  put_pets(other / "val");
  EXPECT_EQ(open_image_folder(other.path(), sized(4), Split::test)->size(), 10);
  EXPECT_TRUE(says(error_of([&] { open_image_folder(other.path(), sized(4), Split::train); }), {"has no train/ or training/"}));
}

TEST(ImageFolder, MayHaveAClassCalledTest) {
  const TemporaryFolder folder;
  put(folder / "test" / "x.png", picture(1));
  put(folder / "exam" / "x.png", picture(1));
  EXPECT_FALSE(has_splits(folder.path()));
  EXPECT_EQ(open_image_folder(folder.path(), sized(4), Split::train)->classes(), (std::vector<std::string>{"exam", "test"}));
}

TEST(ImageFolder, TakesTheNetworksSizeAndChannels) {
  const TemporaryFolder folder;
  put(folder / "a" / "x.png", picture(1));
  EXPECT_EQ(open_image_folder(folder.path(), {}, Split::train, Shape{1, 7, 9})->image_shape(), (Shape{1, 7, 9}));
  EXPECT_EQ(open_image_folder(folder.path(), sized(5), Split::train, Shape{3, 7, 9})->image_shape(), (Shape{3, 5, 5}));
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), {}, Split::train); }), {"nothing tells the size", ",size=224"}));
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), {}, Split::train, Shape{4, 7, 9}); }), {"4 channels"}));
}

TEST(ImageFolder, ReadsAsGreyWhereAsked) {
  const TemporaryFolder folder;
  put(folder / "a" / "x.png", picture(1, 4, 4));
  ImageFolderOptions o = sized(4);
  o.grey = true;
  const auto data = open_image_folder(folder.path(), o, Split::train, Shape{3, 4, 4});
  EXPECT_EQ(data->image_shape(), (Shape{1, 4, 4}));
  EXPECT_EQ(levels(*data, 0), with_channels(picture(1, 4, 4), 1).pixels);
}

TEST(ImageFolder, CropsAsImageNetsEvaluation) {
  const TemporaryFolder folder;
  put(folder / "a" / "x.png", picture(1, 30, 40));
  ImageFolderOptions o = sized(14);
  o.resize = "crop";
  EXPECT_EQ(levels(*open_image_folder(folder.path(), o, Split::train), 0), fitted(picture(1, 30, 40), 14, 14, Fit::crop).pixels);
  o.size = 0;
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), o, Split::train, Shape{3, 7, 9}); }), {"resize=crop makes squares"}));
  o.resize = "corp";
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), o, Split::train, Shape{3, 7, 7}); }), {"did you mean 'crop'?"}));
}

TEST(ImageFolder, ShowsAnotherPartInEachEpochOfATraining) {
  const TemporaryFolder folder;
  put(folder / "a" / "x.png", picture(1, 60, 80));
  put(folder / "a" / "y.png", picture(1, 60, 80));
  ImageFolderOptions o = sized(14);
  o.resize = "random-crop";
  const auto data = open_image_folder(folder.path(), o, Split::train), again = open_image_folder(folder.path(), o, Split::train);
  EXPECT_TRUE(data->levels(0).empty());
  EXPECT_EQ(pixels_of(*data, 0, 3), pixels_of(*again, 0, 3));
  EXPECT_NE(pixels_of(*data, 0, 3), pixels_of(*data, 0, 4));
  EXPECT_NE(pixels_of(*data, 0, 3), pixels_of(*data, 1, 3));
  const Image part = random_resized_crop(resize_short_side(picture(1, 60, 80), 16), 14, 14, RandomStream(1, "crop"), 1, 3);
  EXPECT_FLOAT_EQ(pixels_of(*data, 1, 3)[17], part.pixels[17] / 255.0f);
  const auto tested = open_image_folder(folder.path(), o, Split::test);
  EXPECT_EQ(levels(*tested, 0), fitted(picture(1, 60, 80), 14, 14, Fit::crop).pixels);
}

TEST(ImageFolder, DrawsASampleBySeedAndSplit) {
  const TemporaryFolder folder;
  put_pets(folder.path());
  ImageFolderOptions o = sized(4);
  o.sample = 4;
  const auto numbers = [&](Split split) {
    const auto data = open_image_folder(folder.path(), o, split);
    std::vector<int64_t> all;
    for (int64_t i = 0; i < data->size(); ++i) {
      all.push_back(data->number(i));
      EXPECT_EQ(data->label(i), data->number(i) / 5);
      EXPECT_EQ(levels(*data, i), resize(picture(static_cast<int>(all.back() / 5 * 100 + all.back() % 5)), 4, 4).pixels);
    }
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    return all;
  };
  const auto first = numbers(Split::train);
  EXPECT_EQ(first.size(), 4u);
  EXPECT_EQ(numbers(Split::train), first);
  EXPECT_NE(numbers(Split::test), first);
  o.seed = 2;
  EXPECT_NE(numbers(Split::train), first);
  o.sample = 800;
  EXPECT_EQ(numbers(Split::train).size(), 10u);
}

TEST(ImageFolder, KeepsOnlyTheClassesAskedFor) {
  const TemporaryFolder folder;
  put_pets(folder.path());
  put(folder / "ape" / "x.png", picture(1));
  ImageFolderOptions o = sized(4);
  o.classes = "dog/ape";
  const auto data = open_image_folder(folder.path(), o, Split::train);
  EXPECT_EQ(data->classes(), (std::vector<std::string>{"ape", "dog"}));
  EXPECT_EQ(data->size(), 6);
  EXPECT_EQ(data->label(5), 1);
  o.classes = "dog/capt";
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), o, Split::train); }), {"no class 'capt'; did you mean 'cat'?"}));
  o.classes = "dog/dog";
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), o, Split::train); }), {"said twice"}));
}

/** Many pictures of three classes. */
void put_garden(const Path& folder, int each = 40) {
  for (const char* name : {"daisy", "rose", "tulip"})
    for (int i = 0; i < each; ++i) put(folder / name / fmt::format("{}.png", i), picture(i, 1, 1));
}

std::set<std::string> names_of(const Path& folder, const ImageFolderOptions& o, Split split) {
  const auto data = list_image_folder(folder, o, split);
  std::set<std::string> names;
  for (int64_t i = 0; i < data->size(); ++i)
    names.insert(data->file(i).parent_path().filename().string() + "/" + data->file(i).filename().string());
  return names;
}

bool holds(const std::set<std::string>& all, const std::set<std::string>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

TEST(ImageFolder, HoldsAShareOfEachClassOutForTesting) {
  const TemporaryFolder folder;
  put_garden(folder.path());
  ImageFolderOptions o = sized(4);
  o.held_out = 0.4;
  const auto train = names_of(folder.path(), o, Split::train), test = names_of(folder.path(), o, Split::test);
  EXPECT_EQ(train.size() + test.size(), 120u);
  EXPECT_NEAR(static_cast<double>(test.size()), 48, 4 * 5.4);  // of a binomial distribution, four deviations
  for (const std::string& name : test) EXPECT_FALSE(train.contains(name)) << name;
  o.seed = 2;
  EXPECT_NE(names_of(folder.path(), o, Split::test), test);
  put_pets(folder / "train");
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), o, Split::train); }), {"held_out is for folders without splits"}));
}

TEST(ImageFolder, HoldsTheSamePicturesOutWhateverElseIsThere) {
  const TemporaryFolder folder;
  put_garden(folder.path());
  ImageFolderOptions o = sized(4), two = o;
  o.held_out = two.held_out = 0.25;
  two.classes = "rose/tulip";
  const auto all = names_of(folder.path(), o, Split::test), of_two = names_of(folder.path(), two, Split::test);
  EXPECT_TRUE(holds(all, of_two));
  for (const std::string& name : all) EXPECT_EQ(of_two.contains(name), !name.starts_with("daisy")) << name;
  put_garden(folder.path(), 60);
  EXPECT_TRUE(holds(names_of(folder.path(), o, Split::test), all));
  EXPECT_TRUE(holds(names_of(folder.path(), o, Split::train), names_of(folder.path(), two, Split::train)));
}

TEST(ImageFolder, LeavesAPictureOnEachSideOfASmallClass) {
  const TemporaryFolder folder;
  put_garden(folder.path(), 2);
  ImageFolderOptions o = sized(4);
  for (const double held_out : {0.001, 0.999}) {
    o.held_out = held_out;
    EXPECT_EQ(names_of(folder.path(), o, Split::train).size(), 3u);
    EXPECT_EQ(names_of(folder.path(), o, Split::test).size(), 3u);
  }
  put(folder / "aster" / "0.png", picture(0, 1, 1));
  EXPECT_TRUE(says(error_of([&] { list_image_folder(folder.path(), o, Split::train); }), {"aster", "cannot be held out and learnt from"}));
}

TEST(ImageFolder, SamplesByNamesAndKnowsItsFilesHoweverItIsSaid) {
  const TemporaryFolder folder;
  put_garden(folder / "garden");
  ImageFolderOptions o = sized(4);
  o.sample = 50;
  o.seed = 2;
  const auto listed = list_image_folder(folder / "garden", o, Split::train), read = open_image_folder(folder / "garden", o, Split::train);
  const auto other_words = list_image_folder((folder / "garden" / ".." / "garden").string() + "/", o, Split::train);
  ASSERT_EQ(listed->size(), 50);
  ASSERT_EQ(other_words->size(), 50);
  for (int64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(listed->file(i),
              std::filesystem::canonical(folder.path()) / "garden" / listed->file(i).parent_path().filename() / listed->file(i).filename());
    EXPECT_EQ(other_words->file(i), listed->file(i));
    EXPECT_EQ(read->file(i), listed->file(i));
    EXPECT_EQ(read->number(i), listed->number(i));
  }
}

TEST(ImageFolder, ReadsAClassNameThatIsNotUtf8AsLatin1) {
  const TemporaryFolder folder;
  std::error_code refused;
  std::filesystem::create_directory(folder / "ros\xe9", refused);
  if (refused) GTEST_SKIP() << "the file system takes UTF-8 only";
  put(folder / "ros\xe9" / "x.png", picture(1));
  EXPECT_EQ(open_image_folder(folder.path(), sized(4), Split::train)->classes(), (std::vector<std::string>{"ros\xc3\xa9"}));
  put(folder / "ros\xc3\xa9" / "x.png", picture(1));
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), sized(4), Split::train); }), {"two class folders are both called"}));
}

TEST(ImageFolder, RefusesWhatDoesNotFitIntoMemory) {
  const TemporaryFolder folder;
  for (int i = 0; i < 100; ++i) put(folder / "a" / fmt::format("{}.png", i), picture(1, 1, 1));
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), sized(65'000), Split::train); }),
                   {"100 pictures [3, 65000, 65000] take", "a smaller size=… or sample=… fits"}));
}

TEST(ImageFolder, TellsHowLongDecodingTook) {
  const TemporaryFolder folder;
  put_pets(folder.path());
  const auto data = open_image_folder(folder.path(), sized(4), Split::train);
  const Decoding* decoding = decoding_of(*data);
  ASSERT_NE(decoding, nullptr);
  EXPECT_EQ(decoding->images, 10);
  EXPECT_EQ(decoding->bytes, 10 * 3 * 4 * 4);
  EXPECT_GT(decoding->seconds, 0);
  EXPECT_EQ(decoding_of(*counting_images({1, 1, 2, 2})), nullptr);
}

TEST(ImageFolder, IsAMemberAndIsFoundByItsPathHereOrInTheRoots) {
  const TemporaryFolder root;
  put_pets(root / "pets");
  const std::vector<Path> roots = {root.path()};
  const std::string by_path = (root / "pets").string() + "/,size=4", as_member = "folder,size=4,path=" + (root / "pets").string();
  EXPECT_EQ(open_dataset(data_choice(by_path, {}), Split::test, {})->size(), 10);
  EXPECT_EQ(open_dataset(data_choice(as_member, {}), Split::test, {})->size(), 10);
  EXPECT_EQ(open_dataset(data_choice("pets,size=4", roots), Split::test, roots)->size(), 10);
  EXPECT_EQ(open_dataset(data_choice("pets", roots), Split::test, roots, Shape{1, 5, 6})->image_shape(), (Shape{1, 5, 6}));
  EXPECT_EQ(image_folder_of(data_choice("pets", roots)), root / "pets");
  EXPECT_EQ(image_folder_of(data_choice("cifar10", roots)), std::nullopt);
  EXPECT_TRUE(says(error_of([&] { open_dataset(data_choice("pats", roots), Split::test, roots); }), {"no data set 'pats'"}));
  EXPECT_TRUE(says(error_of([&] { open_dataset(data_choice("./pats", roots), Split::test, roots); }), {"./pats: no such folder"}));
  EXPECT_TRUE(
      says(error_of([&] { open_dataset(data_choice("my,pats/,size=4", roots), Split::test, roots); }), {"my,pats/: no such folder"}));
  EXPECT_TRUE(
      says(error_of([&] { open_dataset(data_choice("pets,sise=4", roots), Split::test, roots); }), {"folder: no option 'sise'", "'size'"}));
  EXPECT_TRUE(says(error_of([&] { open_dataset({"folder"}, Split::test, roots); }), {"folder: its path is missing"}));
}

TEST(ImageFolder, IsFoundInTheRootsAsAMemberTooAndMayBeCalledByANumber) {
  const TemporaryFolder root;
  put_pets(root / "2024");
  const std::vector<Path> roots = {root.path()};
  EXPECT_EQ(image_folder_of(data_choice("folder,path=2024", roots)), root / "2024");
  EXPECT_EQ(open_dataset(data_choice("folder,path=2024,size=4", roots), Split::test, roots)->size(), 10);
  EXPECT_TRUE(says(error_of([&] { open_dataset(data_choice("folder,path=2025", roots), Split::test, roots); }), {"2025: no such folder"}));
}

TEST(ImageFolder, MayHaveCommasInItsPath) {
  const TemporaryFolder root;
  put_pets(root / "pets, 2024");
  const std::string path = (root / "pets, 2024").string();
  for (const std::string& text : {path, path + "/"}) {
    EXPECT_EQ(open_dataset(data_choice(text + ",size=4,grey=true", {}), Split::test, {})->image_shape(), (Shape{1, 4, 4}));
    EXPECT_EQ(image_folder_of(data_choice(text, {})), Path(text));
  }
}

TEST(Flowers, AreReadFromTheirFolders) {
  const char* root = std::getenv("CONVSCOPE_DATA");
  if (root == nullptr || !std::filesystem::is_directory(Path(root) / "flowers")) GTEST_SKIP() << "no flowers in $CONVSCOPE_DATA";
  const Choice flowers = data_choice((Path(root) / "flowers").string() + ",size=32", {});
  const auto train = open_dataset(flowers, Split::train, {}), test = open_dataset(flowers, Split::test, {});
  EXPECT_EQ(train->classes(), (std::vector<std::string>{"daisy", "dandelion", "rose", "sunflower", "tulip"}));
  EXPECT_EQ(train->size(), 640);
  EXPECT_EQ(test->size(), 160);
  EXPECT_EQ(decoding_of(*train)->bytes, 640 * 3 * 32 * 32);
}

TEST(Flowers, DecodedScaledAreOthersByLittleWhateverTheThreads) {
  const char* root = std::getenv("CONVSCOPE_DATA");
  if (root == nullptr || !std::filesystem::is_directory(Path(root) / "flowers")) GTEST_SKIP() << "no flowers in $CONVSCOPE_DATA";
  const auto open = [&](const std::string& options) {
    return open_dataset(data_choice((Path(root) / "flowers").string() + ",size=32,sample=40" + options, {}), Split::test, {});
  };
  const int before = threads();
  const auto usual = open(""), exact = open(",decode=exact"), scaled = open(",decode=scaled");
  set_threads(before == 1 ? 3 : 1);
  const auto again = open(",decode=scaled");
  set_threads(before);
  EXPECT_EQ(decoding_of(*usual)->scaled, 0);
  EXPECT_EQ(decoding_of(*usual)->strays, 0);
  EXPECT_EQ(decoding_of(*scaled)->scaled, 40);
  EXPECT_GT(decoding_of(*scaled)->strays, 0);
  EXPECT_LT(decoding_of(*scaled)->strays, 4);
  EXPECT_EQ(decoding_of(*scaled)->shrunk, decoding_of(*usual)->shrunk);  // by the sizes of the files
  bool differs = false;
  for (int64_t i = 0; i < usual->size(); ++i) {
    EXPECT_EQ(levels(*exact, i), levels(*usual, i));
    EXPECT_EQ(levels(*again, i), levels(*scaled, i));
    differs = differs || levels(*scaled, i) != levels(*usual, i);
  }
  EXPECT_TRUE(differs);
}

TEST(ImageFolder, KnowsItsWaysOfDecoding) {
  const TemporaryFolder folder;
  put_pets(folder.path());
  ImageFolderOptions o = sized(4);
  o.decode = "scaled";
  const auto scaled = open_image_folder(folder.path(), o, Split::train), exact = open_image_folder(folder.path(), sized(4), Split::train);
  for (int64_t i = 0; i < exact->size(); ++i) EXPECT_EQ(levels(*scaled, i), levels(*exact, i));  // PNG files come whole
  EXPECT_EQ(decoding_of(*scaled)->scaled, 0);
  o.decode = "fast";
  EXPECT_TRUE(says(error_of([&] { open_image_folder(folder.path(), o, Split::train); }), {"decode: no way 'fast'", "exact, scaled"}));
}

}  // namespace
}  // namespace convscope
