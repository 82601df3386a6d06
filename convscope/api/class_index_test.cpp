#include "convscope/api/class_index.h"

#include <gtest/gtest.h>

#include "convscope/base/base_testing.h"
#include "convscope/data/images8.h"

namespace convscope {
namespace {

std::vector<std::string> names_in(const std::string& text, size_t wanted = 3) {
  const TemporaryFolder folder;
  write_file(folder / "names.txt", text);
  return read_class_index(folder / "names.txt", wanted).names;
}

TEST(ClassNames, AreTheSameHoweverTheirFileWasWritten) {
  const std::vector<std::string> right{"cat", "dog", "fish"};
  EXPECT_EQ(names_in("cat\ndog\nfish\n"), right);
  EXPECT_EQ(names_in("cat\r\ndog\r\nfish"), right);
  EXPECT_EQ(names_in("\xef\xbb\xbf"
                     "cat\ndog\nfish\n"),
            right);
  EXPECT_EQ(names_in("cat\ndog\nfish\n\n\n"), right);
  EXPECT_EQ(names_in("\xef\xbb\xbf"
                     "0\tn1\tcat\n1\tn2\tdog\n2\tn3\tfish\n"),
            right);
  EXPECT_EQ(names_in("k\xe5t\nd\xf6g\nfish\n"), (std::vector<std::string>{"kåt", "dög", "fish"}));
  EXPECT_THROW_SAYING(names_in("background\ncat\ndog\nfish\n"), "4 lines for a network with 3 classes");
}

TEST(ClassNames, ThatTwoClassesHaveFitNoFolder) {
  const auto data = std::make_shared<Images8>(Shape{2, 1, 1, 1}, std::vector<uint8_t>{1, 2}, std::vector<int32_t>{0, 1},
                                              std::vector<std::string>{"crane", "fish"});
  const auto fits = with_classes_of(data, {{"fish", "ant", "crane"}, {}}, "pets");
  EXPECT_EQ(fits->label(0), 2);
  EXPECT_EQ(fits->label(1), 0);
  EXPECT_THROW_SAYING(with_classes_of(data, {{"crane", "fish", "crane"}, {}}, "pets"), "two of the network's classes are called 'crane'");
  // Ids tell them apart.
  EXPECT_THROW_SAYING(with_classes_of(data, {{"crane", "crane", "x"}, {"fish", "fish", "crane"}}, "pets"), "'fish'");
  EXPECT_EQ(with_classes_of(data, {{"crane", "crane", "x"}, {"fish", "crane", "z"}}, "pets")->label(0), 1);
}

}  // namespace
}  // namespace convscope
