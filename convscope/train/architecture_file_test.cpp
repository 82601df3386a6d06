#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/models/architecture/write.h"
#include "convscope/models/file_model.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/trainer.h"

namespace convscope {
namespace {

std::shared_ptr<const Dataset> noise(const Shape& image, int64_t count) {
  const RandomStream random(3, "noise");
  std::vector<uint8_t> levels;
  std::vector<int32_t> labels;
  for (int64_t n = 0; n < count; ++n) labels.push_back(static_cast<int32_t>(random.below(4, static_cast<uint64_t>(n), 1)));
  for (int64_t i = 0; i < count * image.size(); ++i) levels.push_back(static_cast<uint8_t>(random.bits(static_cast<uint64_t>(i)) % 256));
  return std::make_shared<Images8>(Shape{count, image[0], image[1], image[2]}, std::move(levels), std::move(labels),
                                   std::vector<std::string>{"a", "b", "c", "d"});
}

class TrainingFromAFile : public testing::TestWithParam<std::string> {};

TEST_P(TrainingFromAFile, GivesTheBytesOfTheBuiltInModel) {
  const TemporaryFolder folder;
  const auto model = model_named(GetParam());
  const Task task = model->usual_task();
  const Path file = folder / "net.json";
  write_file(file, text_of(architecture_of(model->build(task.image, task.classes), GetParam())));
  TrainOptions o;
  o.data = "noise";
  o.epochs = 1;
  o.batch = 8;
  o.optimiser = "adam";
  o.lr = 1e-3;
  std::map<std::string, Tensor> first;
  for (const std::string& name : {GetParam(), file.string()}) {
    o.model = name;
    const Path run = folder / (first.empty() ? "built-in" : "file");
    (void)train(o, {noise(task.image, 24), noise(task.image, 8), false}, run, false, {});
    const auto tensors = load_checkpoint(run / kLastNetwork).tensors;
    if (first.empty()) {
      first = tensors;
      continue;
    }
    ASSERT_EQ(tensors.size(), first.size());
    for (const auto& [parameter, t] : first)
      EXPECT_EQ(std::vector(t.span().begin(), t.span().end()),
                std::vector(tensors.at(parameter).span().begin(), tensors.at(parameter).span().end()))
          << parameter;
  }
}

INSTANTIATE_TEST_SUITE_P(Small, TrainingFromAFile,
                         testing::Values("medium", "scratch", "resnet20", "lenet,width=8,filter_size=0,nmasks=2,act=prelu",
                                         "fully-connected"),
                         [](const auto& which) { return fmt::format("number{}", which.index); });

TEST(TrainingFromAFile, GoesOnOnlyWithTheSameLayers) {
  const TemporaryFolder folder;
  const Path file = folder / "net.json";
  const auto with = [&](std::string_view activation) {
    write_file(file, fmt::format(R"({{"image": [1, 6, 6], "layers": [{{"layer": "conv2d", "filters": 2}}, {{"layer": "{}", "name": "act"}},
                                    {{"layer": "linear", "features": "=classes"}}]}})",
                                 activation));
  };
  with("relu");
  TrainOptions o;
  o.model = file.string();
  o.data = "noise";
  o.epochs = 2;
  o.batch = 8;
  const auto data = [] { return TrainData{noise({1, 6, 6}, 16), noise({1, 6, 6}, 8), false}; };
  TrainHooks hooks;
  int calls = 0;
  hooks.stop = [&] { return ++calls > 2; };
  (void)train(o, data(), folder / "run", false, hooks);
  with("tanh");
  EXPECT_THROW_SAYING(train(o, data(), folder / "run", true, {}), "is not the network of the run any more");
}

}  // namespace
}  // namespace convscope
