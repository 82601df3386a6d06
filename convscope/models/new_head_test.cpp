#include "convscope/models/new_head.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/graph/builder.h"
#include "convscope/graph/ops/multiply.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/file_model.h"
#include "convscope/models/onnx/import.h"

namespace convscope {
namespace {

const Path kFixtures = Path(CONVSCOPE_FIXTURES) / "onnx";

TEST(NewHead, ChangesTheLastLayerAlone) {
  for (const std::string model : {"resnet20", "lenet", "perturb-resnet18,width=16"}) {
    const auto made = models().make(parse_choice(model));
    const Task task = made->usual_task();
    const Graph ten = made->build(task.image, 10), five = with_classes(ten, 5);
    const Head head = head_of(ten);
    EXPECT_EQ(five.shape(five.output), (Shape{1, 5})) << model;
    const std::vector<ParameterInfo> before = parameters(ten), after = parameters(five);
    ASSERT_EQ(before.size(), after.size());
    for (size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(before[i].name, after[i].name);
      EXPECT_EQ(before[i].shape == after[i].shape, !head.has(before[i].name)) << before[i].name;
    }
    EXPECT_EQ(to_json(with_classes(ten, 10)).dump(), to_json(ten).dump());
  }
}

TEST(NewHead, OfAnOnnxFileComesWithItsNetwork) {
  const auto model = model_named((kFixtures / "convnext_block.onnx").string());
  EXPECT_EQ(model->usual_task().image, (Shape{3, 8, 8}));
  EXPECT_EQ(model->usual_task().classes, 4);
  const Graph seven = model->build({3, 8, 8}, 7, {{0.5}, {0.25}});
  EXPECT_EQ(seven.shape(seven.output), (Shape{1, 7}));
  EXPECT_TRUE(seven.find("normalize"));
  EXPECT_TRUE(model_file("x/NET.ONNX"));
  EXPECT_FALSE(model_file("resnet20"));
  EXPECT_THROW_SAYING(model_named("none.onnx")->usual_task(), "none.onnx");
}

TEST(NewHead, IsRefusedWhereNothingTellsClassesApart) {
  Builder builder({3, 4, 4});
  const Value y = builder.add<GlobalAvgPoolOp>("mean", {}, {builder.pixels()});
  const Value z = builder.add<MultiplyOp>("square", {}, {y, y});
  const Graph graph = std::move(builder).finish(builder.add<FlattenOp>("flat", {}, {z}));
  EXPECT_THROW_SAYING(with_classes(graph, 5), "it ends in 'square', multiply");
}

}  // namespace
}  // namespace convscope
