#include "convscope/data/cifar_c.h"

#include "convscope/base/base_testing.h"
#include "convscope/data/concatenated.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/subset.h"

namespace convscope {
using testing_data::counting_images, testing_data::pixels_of;

namespace {

constexpr int64_t kCount = 6;

/** A .npy file of bytes. */
std::string bytes_npy(const std::string& shape, const std::string& numbers) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(128 - 10 - 1 - header.size(), ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + numbers;
}

class CifarC : public ::testing::Test {
 protected:
  CifarC() {
    std::string labels, pictures;
    for (int64_t severity = 1; severity <= 5; ++severity)
      for (int64_t n = 0; n < kCount; ++n) {
        labels += static_cast<char>(clean->label(n));
        for (int i = 0; i < 8 * 9; ++i)
          for (int c = 0; c < 3; ++c) pictures += static_cast<char>(severity * 40 + n + 10 * c);
      }
    write_file(folder / "labels.npy", bytes_npy("(30,)", labels));
    write_file(folder / "fog.npy", bytes_npy("(30, 8, 9, 3)", pictures));
  }

  std::shared_ptr<const Dataset> clean = counting_images({kCount, 3, 8, 9}, 3);
  TemporaryFolder folder;
};

TEST_F(CifarC, ReadsPicturesOfASeverityInThePlaceOfTheCleanOnes) {
  const PublishedCorruptions published(folder.path());
  EXPECT_EQ(published.names(), std::vector<std::string>{"fog"});
  const auto some = std::make_shared<Subset>(clean, std::vector<int64_t>{4, 1});
  const auto fog = published.of("fog", 3, some);
  EXPECT_EQ(fog->size(), 2);
  EXPECT_EQ(fog->label(0), clean->label(4));
  const std::vector<float> x = pixels_of(*fog, 0);
  EXPECT_FLOAT_EQ(x.front(), 124.0f / 255);  // severity 3, picture 4
  EXPECT_FLOAT_EQ(x.back(), 144.0f / 255);   // the third channel
}

TEST_F(CifarC, ThatDoesNotFitTheDataIsRefused) {
  const PublishedCorruptions published(folder.path());
  EXPECT_THROW_SAYING(published.of("fog", 1, counting_images({kCount, 3, 9, 9}, 3)),
                      "pictures [30, 9, 9, 3], as many as labels, were wanted");
  EXPECT_THROW_SAYING(published.of("fog", 1, counting_images({kCount + 1, 3, 8, 9}, 3)), "no picture 6");
  EXPECT_THROW_SAYING(published.of("fog", 1, counting_images({kCount, 3, 8, 9}, 2)), "these are other pictures, or another split");
  write_file(folder / "fog.npy", read_file(folder / "fog.npy") + "x");
  EXPECT_THROW_SAYING(published.of("fog", 1, clean), "it is cut or damaged");
  std::filesystem::remove(folder / "fog.npy");
  EXPECT_THROW_SAYING(PublishedCorruptions(folder.path()), "no array of a corruption");
  write_file(folder / "labels.npy", bytes_npy("(7,)", "1234567"));
  EXPECT_THROW_SAYING(PublishedCorruptions(folder.path()), "labels [5 N]");
}

TEST(ConcatenatedData, StandOneBehindTheOther) {
  const std::shared_ptr<const Dataset> one = counting_images({4, 1, 3, 3}, 2);
  const auto other = std::make_shared<Subset>(one, std::vector<int64_t>{3, 0});
  const Concatenated both({one, other});
  EXPECT_EQ(both.size(), 6);
  EXPECT_EQ(both.number(4), 3);
  EXPECT_EQ(both.label(5), one->label(0));
  EXPECT_EQ(pixels_of(both, 3), pixels_of(*one, 3));
  EXPECT_EQ(pixels_of(both, 4), pixels_of(*one, 3));
  EXPECT_THROW_SAYING(Concatenated({one, counting_images({4, 1, 3, 2}, 2)}), "concatenated data: pictures");
}

}  // namespace
}  // namespace convscope
