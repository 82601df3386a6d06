#include "convscope/data/unpack.h"

#include "convscope/data/data_testing.h"

namespace convscope {
using namespace testing_data;

TEST(Unpack, ReadsAPlainFileAndAGzippedOneAlike) {
  const TemporaryFolder folder;
  std::string bytes;
  for (uint32_t i = 0; i < 300000; ++i) bytes += static_cast<char>(i * i >> 3);
  write_file(folder / "plain", bytes);
  write_gzip(folder / "packed", bytes);
  EXPECT_EQ(read_unpacked(folder / "plain", 1 << 20), bytes);
  EXPECT_EQ(read_unpacked(folder / "packed", 1 << 20), bytes);
}

TEST(Unpack, StopsAtTheLimitWhateverTheFileClaims) {
  const TemporaryFolder folder;
  write_gzip(folder / "bomb", std::string(size_t{8} << 20, '\0'));
  EXPECT_EQ(read_unpacked(folder / "bomb", 1001).size(), 1001u);
}

TEST(Unpack, RefusesAStreamThatIsCutOrDamaged) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919);
  write_gzip(folder / "whole", text);
  const std::string packed = read_file(folder / "whole");
  for (const size_t kept : {size_t{3}, size_t{12}, packed.size() / 2, packed.size() - 9, packed.size() - 1}) {
    write_file(folder / "cut", packed.substr(0, kept));
    EXPECT_TRUE(says(error_of([&] { read_unpacked(folder / "cut", 1 << 20); }), {"/cut: cannot unpack", "fetch the file again"})) << kept;
  }
  std::string damaged = packed;
  damaged[damaged.size() / 2] ^= 0x55;
  write_file(folder / "damaged", damaged);
  EXPECT_TRUE(says(error_of([&] { read_unpacked(folder / "damaged", 1 << 20); }), {"/damaged: cannot unpack"}));
}

TEST(Unpack, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_TRUE(says(error_of([&] { read_unpacked(folder / "nothing", 10); }), {"/nothing: cannot read: No such file"}));
  EXPECT_NE(error_of([&] { read_unpacked(folder.path(), 10); }), "");
}

TEST(Unpack, TakesAnEmptyFileAsNoBytes) {
  const TemporaryFolder folder;
  write_file(folder / "empty", "");
  write_gzip(folder / "packed", "");
  EXPECT_EQ(read_unpacked(folder / "empty", 10), "");
  EXPECT_EQ(read_unpacked(folder / "packed", 10), "");
}

}  // namespace convscope
