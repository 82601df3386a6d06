#include "convscope/api/pictures.h"

#include <array>
#include <cmath>

#include "convscope/api/api_testing.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/npy.h"
#include "convscope/train/training_data.h"

namespace convscope {
namespace {

std::vector<uint8_t> flat(uint8_t level) { return std::vector<uint8_t>(28 * 28, level); }

/** Two classes, b before a in the network's order, of three pictures each; the level tells which. */
void write_folder(const Path& folder) {
  for (int i = 0; i < 6; ++i) {
    const Path place = folder / (i < 3 ? "a" : "b");
    make_folder(place);
    write_png(place / fmt::format("{}.png", i % 3), Image{1, 28, 28, flat(static_cast<uint8_t>(10 * i))});
  }
}

TEST(Pictures, OfADataSetKnowNumbersLabelsAndNames) {
  const SmallWorld world;
  const Pictures some(world.data, {7, 2}, "noise, test");
  EXPECT_EQ(some.size(), 2);
  EXPECT_EQ(some.labels(), (std::vector<int64_t>{world.data->label(7), world.data->label(2)}));
  EXPECT_EQ(some.pixels().shape(), (Shape{2, 1, 28, 28}));
  EXPECT_EQ(some.dataset()->size(), 2);
  EXPECT_EQ(world.pictures().dataset(), world.data);
  const Pictures each = Pictures(world.data, {7, 2, 7}, "noise").distinct();
  EXPECT_EQ(each.numbers(), (std::vector<int64_t>{2, 7}));
  EXPECT_EQ(each.place_of(7), 1);
}

TEST(Pictures, KeepTheirOrderAndTheirDoublesAsADataSet) {
  const SmallWorld world;
  std::vector<int64_t> backwards(SmallWorld::kCount), same(SmallWorld::kCount, 4);
  for (int64_t n = 0; n < SmallWorld::kCount; ++n) backwards[static_cast<size_t>(n)] = SmallWorld::kCount - 1 - n;
  EXPECT_EQ(world.pictures().at(backwards).dataset()->number(0), SmallWorld::kCount - 1);
  EXPECT_EQ(world.pictures().at(same).dataset()->number(7), 4);
}

TEST(Pictures, SayWhatIsNotThere) {
  const SmallWorld world;
  EXPECT_THROW_SAYING(Pictures(world.data, {30}, "noise"), "there are 0 to 29");
  EXPECT_THROW_SAYING(Pictures(Tensor({2, 1, 4, 4}), {1}, {"a", "b"}, "made"), "1 labels for 2 pictures");
  EXPECT_THROW_SAYING(Pictures(Tensor({1, 4, 4}), {}, {"a"}, "made"), "[N, C, H, W] was wanted");
  for (const float wrong : {std::nanf(""), 2.0f, -0.5f})
    EXPECT_THROW_SAYING(Pictures(Tensor({1, 1, 1, 2}, std::array{0.5f, wrong}), {}, {"a"}, "made"), "and pixels lie in [0, 1]");
}

TEST(Pictures, ThatLeaveTheRangeByRoundingAreBroughtIntoIt) {
  const Pictures pictures(Tensor({1, 1, 1, 2}, std::array{1.0000002f, -1e-7f}), {}, {"a"}, "made");
  EXPECT_EQ(pictures.pixels()[0], 1.0f);
  EXPECT_EQ(pictures.pixels()[1], 0.0f);
}

TEST(Pictures, InMemoryMayHaveNoLabelsAndKeepTheNumbersOfOthers) {
  const SmallWorld world;
  const Tensor x = world.pictures().first(3).pixels();
  const Pictures loose = Pictures(x, {}, world.network.classes, "made").numbered({11, 5, 8});
  EXPECT_TRUE(loose.labels().empty());
  EXPECT_EQ(loose.numbers(), (std::vector<int64_t>{11, 5, 8}));
  EXPECT_EQ(max_difference(loose.pixels(), x), 0);
  EXPECT_EQ(loose.first(1).numbers(), std::vector<int64_t>{11});
}

TEST(Pictures, AreChosenByNumberByFileOrTheFirstOfAllClasses) {
  const TemporaryFolder folder;
  write_folder(folder / "data");
  Network network = open_or_make_network("medium", {.task = {.image = "1,28,28", .classes = 2}}, 1);
  network.classes = {"b", "a"};
  const std::string data = (folder / "data").string() + "/";

  const Pictures two = choose_pictures({.data = data}, network, {}, 2);
  EXPECT_EQ(two.numbers(), (std::vector<int64_t>{0, 3})) << "the first of each class";
  EXPECT_EQ(two.labels(), (std::vector<int64_t>{1, 0})) << "in the network's order of classes";
  EXPECT_EQ(two.name(), data + ", test");
  EXPECT_EQ(choose_pictures({.data = data}, network, {}, 0).size(), 6);
  EXPECT_EQ(choose_pictures({.data = data, .images = "4,0-1"}, network, {}).numbers(), (std::vector<int64_t>{4, 0, 1}));

  const std::string file = (folder / "data" / "b" / "2.png").string();
  const Pictures files = choose_pictures({.image = file}, network, {});
  EXPECT_EQ(files.files(), std::vector<std::string>{file});
  EXPECT_TRUE(files.labels().empty());
  EXPECT_EQ(files.visible(0).pixels, flat(50));
  const std::string with_comma = (folder / "one, two.png").string();
  std::filesystem::copy_file(file, with_comma);
  EXPECT_EQ(choose_pictures({.image = with_comma}, network, {}).files(), std::vector<std::string>{with_comma});
  EXPECT_EQ(choose_pictures({.image = file + "," + file}, network, {}).files(), (std::vector<std::string>{file, file}));

  EXPECT_THROW(choose_pictures({}, network, {}), WrongUse);
  EXPECT_THROW_SAYING(choose_pictures({.data = data, .images = "6"}, network, {}), "`images` '6': there are 0 to 5");
  EXPECT_THROW_SAYING(choose_pictures({.images = "1", .image = file}, network, {}), "one of them");
  network.classes = {"b", "c"};
  EXPECT_THROW_SAYING(choose_pictures({.data = data}, network, {}), "'b' to the network and 'a' in the data");
}

TEST(Pictures, ComeFromArraysOneOrMany) {
  const TemporaryFolder folder;
  const Network network = open_or_make_network("medium", {.task = {.image = "1,28,28", .classes = 2}}, 1);
  const auto written = [&](const char* name, const Shape& shape, float value) {
    Tensor x(shape);
    fill(x, value);
    write_npy(folder / name, x);
    return (folder / name).string();
  };
  const std::string many = written("many.npy", {3, 1, 28, 28}, 0.25f), one = written("one.npy", {1, 28, 28}, 0.75f);
  const Pictures pictures = choose_pictures({.image = many + "," + one}, network, {});
  ASSERT_EQ(pictures.size(), 4);
  EXPECT_EQ(pictures.files(), (std::vector<std::string>{many + "[0]", many + "[1]", many + "[2]", one + "[0]"}));
  EXPECT_EQ(pictures.pixels().row(2)[7], 0.25f);
  EXPECT_EQ(pictures.pixels().row(3)[7], 0.75f);
  EXPECT_THROW_SAYING(choose_pictures({.image = written("small.npy", {1, 14, 14}, 0)}, network, {}), "pictures [N, 1, 28, 28]");
  EXPECT_THROW_SAYING(choose_pictures({.image = written("bright.npy", {1, 28, 28}, 200)}, network, {}), "lie in [0, 1]");
}

TEST(Pictures, ComeToTheirSizeAsInTrainingAlsoWhereItsFolderLiesInARoot) {
  const TemporaryFolder root;
  write_folder(root / "my,photos");
  Network network = open_or_make_network("medium", {.task = {.image = "1,28,28", .classes = 2}}, 1);
  network.trained_on = "my,photos,resize=crop";
  Setting setting;
  setting.data_roots = {root.path()};
  EXPECT_EQ(network.fit(setting), Fit::crop);
}

TEST(Pictures, OfClassesAreNamedOrNumbered) {
  const std::vector<std::string> classes{"cat", "dog"};
  EXPECT_EQ(parse_class("dog", classes), 1);
  EXPECT_EQ(parse_class("0", classes), 0);
  EXPECT_THROW_SAYING(parse_class("dgo", classes), "did you mean 'dog'");
  EXPECT_THROW_SAYING(parse_class("2", classes), "classes 0 to 1");
  EXPECT_EQ(class_name(classes, 2), "2");
}

/** What was told while the data were opened. */
std::pair<std::shared_ptr<const Dataset>, std::string> opened(const std::string& text, const Network& network) {
  std::string told;
  Setting setting;
  setting.say = [&](std::string_view line) { told += std::string(line) + "\n"; };
  auto data = open_data(text, Split::test, network, setting);
  return {std::move(data), std::move(told)};
}

TEST(Pictures, HeldOutOfATrainingStayApartHoweverTheFolderIsSaid) {
  const TemporaryFolder folder;
  write_folder(folder / "data");
  TrainOptions options;
  options.model = "medium";
  options.data = (folder / "data").string() + ",held_out=0.4";
  const TrainData trained = train_data(options, {});
  SmallWorld world;
  world.network.trained_on = options.data;
  world.network.training = trained.trained_on;
  const std::string absolute = (folder / "data").string(), relative = std::filesystem::relative(folder / "data").string();
  for (const std::string& text : {absolute, absolute + "/", relative, "./" + relative + "/", absolute + ",classes=a"}) {
    const auto& [data, told] = opened(text, world.network);
    EXPECT_LE(data->size(), trained.test->size()) << text;
    EXPECT_EQ(seen_in_training(world.network, *data), 0) << text;
    EXPECT_EQ(told.find("TRAINED ON"), std::string::npos) << told;
  }
}

TEST(Pictures, ThatWereLearntFromAreToldWhereTheyAreToTest) {
  const TemporaryFolder folder;
  write_folder(folder / "data" / "train");
  write_folder(folder / "data" / "test");
  TrainOptions options;
  options.model = "medium";
  options.data = (folder / "data").string();
  SmallWorld world;
  world.network.trained_on = options.data;
  world.network.training = train_data(options, {}).trained_on;
  EXPECT_EQ(opened(options.data, world.network).second.find("TRAINED ON"), std::string::npos);
  const auto& [data, told] = opened((folder / "data" / "train").string(), world.network);
  EXPECT_NE(told.find("TRAINED ON: 6 OF THESE 6 TEST PICTURES"), std::string::npos) << told;
  EXPECT_EQ(seen_in_training(world.network, *data), 6);
}

TEST(Pictures, OfTheTrainingAreFoundFromAnotherPlace) {
  const TemporaryFolder folder;
  write_folder(folder / "data");
  SmallWorld world;
  world.network.trained_on = "data,held_out=0.4";
  TrainOptions options;
  options.model = "medium";
  options.data = (folder / "data").string() + ",held_out=0.4";
  world.network.training = train_data(options, {}).trained_on;
  EXPECT_EQ(choose_pictures({}, world.network).size(), train_data(options, {}).test->size());
}

}  // namespace
}  // namespace convscope
