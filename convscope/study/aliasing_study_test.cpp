#include "convscope/study/aliasing_study.h"

#include <gtest/gtest.h>

#include "convscope/models/model.h"

namespace convscope {
namespace {

Graph built(const char* model, const Shape& image, int64_t classes) { return models().make(parse_choice(model))->build(image, classes); }

TEST(ThePublishedAliasingNetwork, IsKnownByItsLayersWhateverTheyAreCalled) {
  EXPECT_TRUE(is_resnet34_for_imagenet(built("resnet34", {3, 224, 224}, 1000)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet34", {3, 224, 224}, 100)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet34", {3, 192, 192}, 1000)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet34,width=32", {3, 224, 224}, 1000)));
  EXPECT_FALSE(is_resnet34_for_imagenet(built("resnet18", {3, 224, 224}, 1000)));
}

TEST(ThePublishedAliasingNetwork, OfOtherWeightsIsKnownByWhatItNamesRight) {
  EXPECT_TRUE(has_published_accuracy(733, 1000));
  EXPECT_TRUE(has_published_accuracy(72, 100));
  EXPECT_FALSE(has_published_accuracy(1, 1000)) << "of random weights";
  EXPECT_FALSE(has_published_accuracy(810, 1000)) << "of a later recipe";
  EXPECT_FALSE(has_published_accuracy(0, 0));
}

}  // namespace
}  // namespace convscope
