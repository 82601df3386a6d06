#include "convscope/data/matlab.h"

#include "convscope/base/hostile_testing.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/matlab_testing.h"

namespace convscope {
using namespace testing_data;

namespace {
const std::vector<std::pair<int, std::string>> kSynsets = {{1, "n02119789"}, {2, "n02100735"}, {700, "n01440764"}};
}

TEST(Matlab, GivesTheFieldsOfStructures) {
  for (const bool compressed : {false, true}) {
    const auto structs = read_matlab_structs(matlab_synsets(kSynsets, compressed), "synsets", "meta.mat");
    ASSERT_EQ(structs.size(), kSynsets.size());
    for (size_t i = 0; i < structs.size(); ++i) {
      EXPECT_EQ(structs[i].at("ILSVRC2012_ID").numbers, (std::vector<double>{static_cast<double>(kSynsets[i].first)}));
      EXPECT_EQ(structs[i].at("WNID").text, kSynsets[i].second);
      EXPECT_TRUE(structs[i].at("children").numbers.empty());
    }
  }
}

TEST(Matlab, SaysWhatIsMissing) {
  const std::string file = matlab_synsets(kSynsets, true);
  EXPECT_TRUE(says(error_of([&] { read_matlab_structs(file, "other", "meta.mat"); }), {"meta.mat: holds no structures called 'other'"}));
  EXPECT_TRUE(says(error_of([&] { read_matlab_structs("<html>", "synsets", "meta.mat"); }), {"meta.mat: is no MATLAB file"}));
}

TEST(Matlab, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  for (const bool compressed : {false, true}) {
    const std::string file = matlab_synsets(kSynsets, compressed);
    ASSERT_LE(file.size(), 4096u);
    const Reader read = [](std::string_view damaged) { read_matlab_structs(damaged, "synsets", "meta.mat"); };
    cut_everywhere(file, read);
    flip_bytes(file, read, 5000, 400);
  }
}

}  // namespace convscope
