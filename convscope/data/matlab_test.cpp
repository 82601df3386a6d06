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

TEST(Matlab, ThatUnpacksToAThousandTimesItsSizeIsRefused) {
  using namespace matlab;
  const std::string zeros(size_t{8} << 20, '\0');
  std::string packed(size_t{1} << 16, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()), Z_OK);
  const std::string head = matlab_synsets(kSynsets, true).substr(0, 128);
  const std::string file = head + number(15) + number(static_cast<uint32_t>(size)) + packed.substr(0, size);
  EXPECT_TRUE(says(error_of([&] { read_matlab_structs(file, "synsets", "meta.mat"); }), {"meta.mat: a compressed element", "too long"}));
}

TEST(Matlab, WithAValueOfMegabytesIsRefused) {
  using namespace matlab;
  const std::string value = element(14, element(6, number(6) + number(0)) + element(5, number(1) + number(1)) + element(1, "") +
                                            element(2, std::string((1 << 20) + 1, '\1')));
  const std::string file = matlab_synsets({}, false).substr(0, 128) +
                           matrix(2, 1, 1, "synsets", small_element(5, number(4)) + element(1, std::string("WID\0", 4)) + value);
  EXPECT_TRUE(says(error_of([&] { read_matlab_structs(file, "synsets", "meta.mat"); }), {"meta.mat: a value of 1048577 bytes"}));
}

TEST(Matlab, IsReadOrRefusedWhereverItIsCutOrDamaged) {
  for (const bool compressed : {false, true}) {
    const std::string file = matlab_synsets(kSynsets, compressed);
    ASSERT_LE(file.size(), 4096u);
    const Reader read = [](std::string_view damaged) { read_matlab_structs(damaged, "synsets", "meta.mat"); };
    cut_everywhere(file, read);
    flip_bytes(file, read, 10'000, 400);
  }
}

}  // namespace convscope
