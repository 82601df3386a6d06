#include "convscope/base/block_hash.h"

#include "convscope/base/base_testing.h"
#include "convscope/base/md5.h"
#include "convscope/base/sha256.h"

namespace convscope {
namespace {

template <typename Hash>
class EveryBlockHash : public ::testing::Test {};
using Hashes = ::testing::Types<Md5, Sha256>;
TYPED_TEST_SUITE(EveryBlockHash, Hashes);

/** Bytes that do not repeat at a block. */
std::string some_bytes(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i * 7 % 251);
  return bytes;
}

TYPED_TEST(EveryBlockHash, IsTheSameInPiecesOfAnyLength) {
  const std::string bytes = some_bytes(300);
  for (size_t piece = 1; piece < 140; ++piece) {
    TypeParam hash;
    for (size_t at = 0; at < bytes.size(); at += piece) hash.add(std::string_view(bytes).substr(at, piece));
    EXPECT_EQ(hash.digest(), digest_of<TypeParam>(bytes)) << piece;
  }
}

TYPED_TEST(EveryBlockHash, GoesOnAfterItsDigestWasAsked) {
  const std::string bytes = some_bytes(150);
  TypeParam hash;
  for (size_t i = 0; i < bytes.size(); ++i) {
    hash.add(bytes.substr(i, 1));
    EXPECT_EQ(hash.digest(), digest_of<TypeParam>(bytes.substr(0, i + 1))) << i;
  }
}

TYPED_TEST(EveryBlockHash, IsTheSameFromAFile) {
  const TemporaryFolder folder;
  const std::string much = some_bytes(600'000);
  write_file(folder / "much", much);
  EXPECT_EQ(digest_of_file<TypeParam>(folder / "much"), digest_of<TypeParam>(much));
  EXPECT_THROW_SAYING(digest_of_file<TypeParam>(folder / "nothing"), "nothing: cannot read: No such file");
  EXPECT_THROW_SAYING(digest_of_file<TypeParam>(folder.path()), "cannot read: Is a directory");
}

TEST(PaddedTail, EndsWithTheLengthInBitsInItsOrder) {  // RFC 1321, 3.1 and 3.2; FIPS 180-4, 5.1.1
  using namespace std::string_literals;
  EXPECT_EQ(padded_tail("abc", 3, std::endian::big), "abc\x80"s + std::string(52, '\0') + "\0\0\0\0\0\0\0\x18"s);
  EXPECT_EQ(padded_tail("abc", 64 * 1024 + 3, std::endian::little), "abc\x80"s + std::string(52, '\0') + "\x18\0\x08\0\0\0\0\0"s);
  EXPECT_EQ(padded_tail(std::string(55, 'x'), 55, std::endian::big).size(), 64u);
  EXPECT_EQ(padded_tail(std::string(56, 'x'), 56, std::endian::big).size(), 128u) << "the length no longer fits behind them";
}

}  // namespace
}  // namespace convscope
