#include "convscope/data/views.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

TEST(Views, WeighOneInAll) {
  for (const auto& [name, count] : {std::pair("one", 1u), std::pair("mirror", 2u), std::pair("mirror-shift", 6u)}) {
    const std::vector<View> views = views_named(name);
    EXPECT_EQ(views.size(), count);
    double sum = 0;
    size_t mirrored = 0;
    for (const View& view : views) {
      sum += view.weight;
      mirrored += view.mirrored;
    }
    EXPECT_EQ(sum, 1) << name;
    EXPECT_EQ(mirrored, count / 2) << name;
    EXPECT_TRUE(views[0].row == 0 && views[0].column == 0 && !views[0].mirrored) << "the picture as it is comes first";
  }
  EXPECT_THROW_SAYING(views_named("miror"), "did you mean 'mirror'?");
}

TEST(Views, ShowThePictureMovedThenMirrored) {
  const std::vector<uint8_t> levels{0, 1, 2, 10, 11, 12, 20, 21, 22};
  const auto base = std::make_shared<Images8>(Shape{1, 1, 3, 3}, levels, std::vector<int32_t>{0}, std::vector<std::string>{"counted"});
  const auto levels_of = [&](const View& view) {
    std::vector<int> all;
    for (const float v : pixels_of(*seen_in(view, base), 0)) all.push_back(static_cast<int>(std::lround(v * 255)));
    return all;
  };
  EXPECT_EQ(levels_of({}), (std::vector<int>{0, 1, 2, 10, 11, 12, 20, 21, 22}));
  EXPECT_EQ(levels_of({.mirrored = true}), (std::vector<int>{2, 1, 0, 12, 11, 10, 22, 21, 20}));
  EXPECT_EQ(levels_of({.row = 1, .column = 1}), (std::vector<int>{11, 12, 11, 21, 22, 21, 11, 12, 11}));
  EXPECT_EQ(levels_of({.row = -1}), (std::vector<int>{10, 11, 12, 0, 1, 2, 10, 11, 12}));
  EXPECT_EQ(levels_of({.mirrored = true, .column = 1}), (std::vector<int>{1, 2, 1, 11, 12, 11, 21, 22, 21}));
}

}  // namespace convscope
