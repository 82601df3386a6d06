#include "convscope/api/api_testing.h"
#include "convscope/api/inspect.h"
#include "convscope/base/json_file.h"
#include "convscope/results/inspection.h"
#include "convscope/subject/receptive_field.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

class Features : public ::testing::Test, protected SmallWorld {
 protected:
  InspectOptions few() const {
    InspectOptions options;
    options.node = "conv2";
    options.channel = "1,4";
    options.count = 3;
    options.features = {.steps = 40, .draws = 2};
    return options;
  }
  TemporaryFolder folder;
};

TEST_F(Features, DriveAChannelFartherThanTheDataAndStandBesideThem) {
  const auto [record, place] = inspect_features(network, pictures(), few(), folder.path());
  ASSERT_EQ(record.features.size(), 2u);
  for (const FeatureRecord& feature : record.features) {
    ASSERT_EQ(feature.pictures.size(), 2u);
    ASSERT_EQ(feature.top.size(), 3u);
    EXPECT_GE(feature.top[0].activation, feature.top[1].activation);
    EXPECT_GE(feature.alike, -1);
    for (const FeaturePicture& one : feature.pictures) {
      EXPECT_GT(one.end, one.begin);
      EXPECT_GT(one.end, feature.best());
      EXPECT_TRUE(std::filesystem::exists(place / one.png) && std::filesystem::exists(place / one.npy));
    }
    EXPECT_TRUE(std::filesystem::exists(place / feature.tiles));
  }
  const Json written = read_json(inspection_file(place, FeaturesRecord::kKind));
  EXPECT_EQ(record_from_json<FeaturesRecord>(written, "here").features.size(), 2u);
  const std::string gallery = read_file(place / "gallery.html");
  for (const FeatureRecord& feature : record.features)
    for (const std::string& file : {feature.tiles, feature.pictures.back().png})
      EXPECT_NE(gallery.find("src=\"" + file + "\""), std::string::npos) << file;
}

TEST_F(Features, DrivenDownStandBesideTheImagesOfTheSmallestMean) {
  InspectOptions options = few();
  options.features.steps = 1;
  options.features.minimise = true;
  const FeaturesRecord record = inspect_features(network, pictures(), options).record;
  const Tensor means = subject_of(network, {}).table(pictures().pixels(), {.node = "conv2"});
  double least = 1e30;
  for (int64_t n = 0; n < kCount; ++n) least = std::min(least, static_cast<double>(means.row(n)[4]));
  EXPECT_NEAR(record.features[1].best(), least, 1e-5);
  EXPECT_LE(record.features[1].top[0].activation, record.features[1].top[1].activation);
}

TEST_F(Features, BestImagesAreThoseOfTheLargestMean) {
  InspectOptions options = few();
  options.features.steps = 1;
  const FeaturesRecord record = inspect_features(network, pictures(), options).record;
  NetworkSubject subject = subject_of(network, {});
  const Tensor means = subject.table(pictures().pixels(), {.node = "conv2"});
  double most = -1e30;
  for (int64_t n = 0; n < kCount; ++n) most = std::max(most, static_cast<double>(means.row(n)[4]));
  EXPECT_NEAR(record.features[1].best(), most, 1e-5);
  const Tensor all = subject.activation(pictures().at(std::vector<int64_t>{record.features[1].top[0].image}).pixels(), "conv2");
  const NeuronImage& best = record.features[1].top[0];
  const int64_t wide = all.shape()[3], plane = all.shape()[2] * wide;
  EXPECT_EQ(best.row * wide + best.column, argmax(all.row(0).subspan(static_cast<size_t>(4 * plane), static_cast<size_t>(plane))));
  const auto field = receptive_field(network.graph, "conv2");
  ASSERT_TRUE(field && best.field.size() == 4);
  EXPECT_EQ(best.field[0], field->at(best.row).first);
  options.features.one_position = true;
  options.position = "2,3";
  const FeaturesRecord one = inspect_features(network, pictures(), options).record;
  EXPECT_EQ(one.number, "the channel at row 2, column 3");
  const Shape shape = subject.shape("conv2");
  most = -1e30;
  const Tensor answers = subject.activation(pictures().pixels(), "conv2");
  for (int64_t n = 0; n < kCount; ++n)
    most = std::max(most, static_cast<double>(answers.row(n)[static_cast<size_t>((4 * shape[1] + 2) * shape[2] + 3)]));
  EXPECT_NEAR(one.features[1].best(), most, 1e-5);
}

TEST_F(Features, OfTheLastNodeAreClasses) {
  InspectOptions options = few();
  options.node = network.graph.name(network.graph.output);
  EXPECT_EQ(inspect_features(network, pictures(), options).record.features[1].name, "e");
}

TEST_F(Features, OfSumsAreBesideTheImagesOfTheLargestSum) {
  InspectOptions options;
  options.count = 3;
  options.features = {.objective = "conv2:1 - 0.5*conv2:4; conv2", .steps = 20, .draws = 2, .diversity = 1};
  const auto [record, place] = inspect_features(network, pictures(), options, folder.path());
  ASSERT_EQ(record.features.size(), 2u);
  EXPECT_EQ(record.features[0].objective, "conv2:1 - 0.5*conv2:4");
  NetworkSubject subject = subject_of(network, {});
  const Tensor means = subject.table(pictures().pixels(), {.node = "conv2"}), all = subject.activation(pictures().pixels(), "conv2");
  double sum = -1e30, squares = -1e30;
  for (int64_t n = 0; n < kCount; ++n) {
    sum = std::max(sum, means.row(n)[1] - 0.5 * means.row(n)[4]);
    double own = 0;
    for (const float v : all.row(n)) own += static_cast<double>(v) * v;
    squares = std::max(squares, own / static_cast<double>(all.row(n).size()));
  }
  EXPECT_NEAR(record.features[0].best(), sum, 1e-5);
  EXPECT_NEAR(record.features[1].best(), squares, 1e-5);
  for (const FeatureRecord& feature : record.features)
    for (const FeaturePicture& one : feature.pictures) {
      EXPECT_GT(one.end, one.begin);
      EXPECT_TRUE(one.png.starts_with("objective-00") && std::filesystem::exists(place / one.png));
    }
}

TEST_F(Features, OfMacoAreSeenWhereAnythingWasAskedFor) {
  InspectOptions options = few();
  options.features = {.steps = 5, .draws = 1, .parametrisation = "maco", .crops = 2};
  const auto [record, place] = inspect_features(network, pictures(), options, folder.path());
  EXPECT_EQ(record.spectrum_images, kCount);
  EXPECT_EQ(read_npy(place / record.spectrum).shape(), (Shape{1, 28, 15}));
  for (const FeatureRecord& feature : record.features) {
    EXPECT_TRUE(std::filesystem::exists(place / feature.pictures[0].seen));
    const Tensor glass = read_npy(place / feature.pictures[0].transparency);
    EXPECT_EQ(glass.shape(), (Shape{28, 28}));
    EXPECT_GT(max_abs(glass.span()), 0);
  }
}

TEST_F(Features, RefuseWhatMakesNoPicture) {
  const auto with = [&](auto&& change) {
    InspectOptions options = few();
    change(options);
    return inspect_features(network, pictures(), options);
  };
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.features.steps = 0; }), "`steps` 0");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.features.parametrisation = "wavelets"; }), "fourier and pixels");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.position = "99,0"; }), "node 'conv2' gives");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.channel = "99999"; }), "`channel`");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.features.objective = "conv2:1"; }), "`objective` says it already");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.features.diversity = 1, o.features.draws = 1; }), "kept apart");
  EXPECT_THROW_SAYING(with([](InspectOptions& o) { o.features.crops = 0; }), "`crops` 0");
}

}  // namespace
}  // namespace convscope
