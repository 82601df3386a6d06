#include "convscope/tensor/npy.h"

#include <cmath>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/tensor/images_testing.h"

namespace convscope {
using namespace testing_images;

namespace {

/** A file with this header, whatever it says. */
std::string npy(std::string_view header, size_t bytes_of_numbers, int version = 1) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(version), '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  if (version > 1) file += {'\0', '\0'};
  return file.append(header).append(bytes_of_numbers, '\0');
}

std::string dictionary(std::string_view descr, std::string_view shape) {
  return fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n", descr, shape);
}

TEST(Npy, ReadsNumbersOfOtherWidthsAndOrders) {
  const auto read = [](std::string_view kind, std::string numbers) {
    return parse_npy(npy(dictionary(kind, "(2,)"), 0) + numbers, "x.npy");
  };
  using namespace std::string_literals;
  for (const Tensor& t :
       {read(">f4", "\x3f\xc0\0\0\xc0\0\0\0"s), read("<f2", "\0\x3e\0\xc0"s), read(">f8", "\x3f\xf8\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0"s)}) {
    EXPECT_EQ(t[0], 1.5f);
    EXPECT_EQ(t[1], -2.0f);
  }
  const Tensor whole = read(">i4", "\0\0\x01\x02\xff\xff\xff\xff"s);
  EXPECT_EQ(whole[0], 258.0f);
  EXPECT_EQ(whole[1], -1.0f);
}

TEST(Npy, HoldsWhatNumPySaved) {
  for (const Json& c : cases("npy")) {
    const Tensor t = parse_npy(bytes(c["file"]), "x.npy");
    const auto extents = c["shape"].get<std::vector<int64_t>>();
    EXPECT_EQ(t.shape(), Shape(extents)) << c["file"];
    EXPECT_EQ(std::vector<float>(t.span().begin(), t.span().end()), c["numbers"].get<std::vector<float>>()) << c["file"];
  }
}

TEST(Npy, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{2, 3}, Shape{2, 1, 3, 1, 2}}) {
    Tensor t(shape);
    for (int64_t i = 0; i < t.size(); ++i) t[i] = std::ldexp(static_cast<float>(i - 3), -5);
    write_npy(folder / "x.npy", t);
    const Tensor back = read_npy(folder / "x.npy");
    EXPECT_EQ(back.shape(), shape);
    EXPECT_EQ(std::vector<float>(back.span().begin(), back.span().end()), std::vector<float>(t.span().begin(), t.span().end()));
    EXPECT_EQ(encode_npy(t), read_file(folder / "x.npy"));
  }
}

TEST(Npy, IsWrittenAsTheFormatSays) {
  const std::string file = encode_npy(Tensor({1, 2}, {1.0f, -2.0f}));
  EXPECT_EQ(file.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(file.size(), 128u + 8);
  EXPECT_TRUE(std::string_view(file).substr(10).starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), } "));
  EXPECT_EQ(file[127], '\n');
  EXPECT_NE(encode_npy(Tensor(Shape{3})).find("'shape': (3,), }"), std::string::npos);
  EXPECT_NE(encode_npy(Tensor(Shape{})).find("'shape': (), }"), std::string::npos);
}

TEST(Npy, ThatIsNoneIsRefused) {
  EXPECT_THROW_SAYING(parse_npy("", "x.npy"), "x.npy: not an .npy file");
  EXPECT_THROW_SAYING(parse_npy("PK\3\4 a zip file", "x.npy"), "not an .npy file");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<f4", "(1,)"), 4, 4), "x.npy"), "version 4.0; 1.0 to 3.0 are read");
}

TEST(Npy, OfAnotherKindOfNumberIsRefusedByName) {
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<c8", "(1,)"), 8), "x.npy"), "the kind '<c8'; known: <f4, <f8");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary(">c8", "(1,)"), 8), "x.npy"), "the kind '>c8'");
  EXPECT_THROW_SAYING(parse_npy(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4), "x.npy"), "records");
}

TEST(Npy, WithANumberThatFloatsLackIsRefused) {
  std::string file = npy(dictionary("<i8", "(1,)"), 8);
  file[file.size() - 8] = 1;
  file[file.size() - 4] = 1;  // 2^32 + 1
  EXPECT_THROW_SAYING(parse_npy(file, "x.npy"), "the whole number 4294967297");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("|b1", "(1,)"), 0) + '\2', "x.npy"), "neither 0 nor 1");
}

TEST(Npy, WithAHeaderThatSaysSomethingElseIsRefused) {
  for (const char* header :
       {"", "{", "{}", "[]", "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} print('hello')", "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"})
    EXPECT_THROW_SAYING(parse_npy(npy(header, 4), "x.npy"), "x.npy: its header is not that of an .npy file");
  EXPECT_EQ(parse_npy(npy(R"({"shape":(1,),"fortran_order":False,"descr":"<f4"})", 4), "x.npy").size(), 1);
}

TEST(Npy, IsHeldAgainstItsSizeBeforeMemoryIsTaken) {
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<f4", "(1000000, 1000000)"), 4), "x.npy"), "cut or damaged");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<f4", "(4294967296, 4294967296, 2)"), 4), "x.npy"), "absurd size");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<f4", "(1, 1, 1, 1, 1, 1)"), 4), "x.npy"), "more than 5 axes");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<f4", "(2,)"), 7), "x.npy"), "[2] of <f4 wants 2 numbers of 4 bytes, the file has 7");
  EXPECT_THROW_SAYING(parse_npy(npy(dictionary("<f4", "(2,)"), 9), "x.npy"), "cut or damaged");
}

TEST(Npy, DamagedInAnyWayIsReadOrRefused) {
  const Reader read = [](std::string_view damaged) { parse_npy(damaged, "x.npy"); };
  for (const Json& c : cases("npy")) {
    const std::string file = bytes(c["file"]);
    cut_everywhere(file, read);
    flip_bytes(file, read, 10'000, 128);
  }
}

TEST(NpyWriter, GivesTheBytesOfTheWholeArray) {
  const TemporaryFolder folder;
  const Tensor whole({3, 2}, {1, 2, 3, 4, 5, 6});
  NpyWriter writer(folder / "a.npy", whole.shape());
  for (int64_t n = 0; n < 3; ++n) writer.add(Tensor({2}, whole.row(n)));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.npy"));
  writer.finish();
  EXPECT_EQ(read_file(folder / "a.npy"), encode_npy(whole));
}

TEST(NpyWriter, KeepsNothingOfAnArrayThatIsNotWhole) {
  const TemporaryFolder folder;
  {
    NpyWriter writer(folder / "a.npy", {3, 2});
    writer.add(Tensor({2}, {1, 2}));
    EXPECT_THROW_SAYING(writer.finish(), "4 numbers are missing");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(NpyOfWholeNumbers, IsOfIntegersOf64BitsHoweverItIsWritten) {
  const TemporaryFolder folder;
  const std::vector<int64_t> numbers{0, -1, 16'777'217, 7, 8, 9};  // the third is no float32
  write_npy(folder / "whole.npy", {2, 3}, numbers);
  const std::string bytes = read_file(folder / "whole.npy");
  EXPECT_NE(bytes.find("'descr': '<i8', 'fortran_order': False, 'shape': (2, 3)"), std::string::npos);
  EXPECT_EQ(bytes.substr(bytes.size() - 48), std::string(reinterpret_cast<const char*>(numbers.data()), 48));
  NpyWriter writer(folder / "parts.npy", {2, 2}, NpyWriter::Numbers::whole);
  writer.add(Tensor({1, 2}, {1, 2}));
  writer.add(Tensor({1, 2}, {3, -4}));
  EXPECT_FALSE(std::filesystem::exists(folder / "parts.npy"));
  writer.finish();
  write_npy(folder / "at once.npy", {2, 2}, std::vector<int64_t>{1, 2, 3, -4});
  EXPECT_EQ(read_file(folder / "parts.npy"), read_file(folder / "at once.npy"));
  EXPECT_EQ(read_npy(folder / "parts.npy")[3], -4);
}

}  // namespace
}  // namespace convscope
