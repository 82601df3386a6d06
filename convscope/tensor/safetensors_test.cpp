#include "convscope/tensor/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

/** A file of this header and these numbers, whether they fit together or not. */
std::string file_of(const std::string& header, const std::string& data = "") {
  std::string bytes(8, '\0');
  const uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  return bytes + header + data;
}

template <typename T>
std::string bytes_of(std::initializer_list<T> numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.begin()), numbers.size() * sizeof(T));
}

/** The one tensor "x" of these numbers. */
template <typename T>
Tensor x_of(const std::string& type, std::initializer_list<T> numbers) {
  const std::string data = bytes_of(numbers);
  const std::string header =
      fmt::format(R"({{"x":{{"dtype":"{}","shape":[{}],"data_offsets":[0,{}]}}}})", type, numbers.size(), data.size());
  return parse_safetensors(file_of(header, data), "file").tensors.at("x");
}

void expect_error(const std::string& header, const std::string& data, const std::string& text) {
  EXPECT_THROW_SAYING(parse_safetensors(file_of(header, data), "file"), text);
}

TensorFile some_content() {
  TensorFile content;
  Tensor weight(Shape{2, 3, 1, 1});
  for (int64_t i = 0; i < weight.size(); ++i) weight[i] = RandomStream(1, "content").normal(static_cast<uint64_t>(i));
  content.tensors.emplace("stage1.0.weight", weight);
  content.tensors.emplace("scalar", Tensor(Shape(), {-0.0f}));
  content.tensors.emplace("empty", Tensor(Shape{0, 4}));
  content.tensors.emplace("odd ä\"\n", Tensor(Shape{3}, {std::nanf(""), INFINITY, 1e-45f}));
  content.metadata = {{"graph", R"({"a": [1, 2]})"}, {"empty", ""}, {"ä", "ö\n"}};
  return content;
}

TEST(Safetensors, ComeBackBitForBit) {
  const TemporaryFolder folder;
  const TensorFile content = some_content();
  write_safetensors(folder / "x", content);
  const TensorFile back = read_safetensors(folder / "x");
  EXPECT_EQ(back.metadata, content.metadata);
  ASSERT_EQ(back.tensors.size(), content.tensors.size());
  for (const auto& [name, t] : content.tensors) {
    const Tensor& b = back.tensors.at(name);
    EXPECT_EQ(b.shape(), t.shape()) << name;
    EXPECT_EQ(std::memcmp(b.data(), t.data(), static_cast<size_t>(t.size()) * sizeof(float)), 0) << name;
  }
}

TEST(Safetensors, EqualContentGivesEqualBytes) {
  const TemporaryFolder folder;
  write_safetensors(folder / "a", some_content());
  write_safetensors(folder / "b", read_safetensors(folder / "a"));
  EXPECT_EQ(read_file(folder / "a"), read_file(folder / "b"));
}

TEST(Safetensors, AreTheBytesTheFormatAsksFor) {
  const TemporaryFolder folder;
  TensorFile content;
  content.tensors.emplace("x", Tensor(Shape{1, 2}, {1, 2}));
  content.metadata["k"] = "v";
  write_safetensors(folder / "x", content);
  std::string header = R"({"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(read_file(folder / "x"), file_of(header, bytes_of({1.0f, 2.0f})));
}

TEST(Safetensors, NothingAtAllIsAFileToo) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", {});
  EXPECT_TRUE(read_safetensors(folder / "x").tensors.empty());
}

TEST(Safetensors, NumbersOfOtherKindsBecomeF32) {
  const Tensor f64 = x_of<double>("F64", {0.1, -2, 1e300});
  EXPECT_EQ(f64[0], 0.1f);
  EXPECT_EQ(f64[1], -2.0f);
  EXPECT_EQ(f64[2], INFINITY);

  const Tensor bf16 = x_of<uint16_t>("BF16", {0x3f80, 0xc049, 0x7f80, 0x7fc0, 0x0001});
  EXPECT_EQ(bf16[0], 1.0f);
  EXPECT_EQ(bf16[1], -3.140625f);
  EXPECT_EQ(bf16[2], INFINITY);
  EXPECT_TRUE(std::isnan(bf16[3]));
  EXPECT_EQ(bf16[4], std::bit_cast<float>(0x00010000u));

  const Tensor u8 = x_of<uint8_t>("U8", {0, 1, 255});
  EXPECT_EQ(u8[2], 255.0f);

  const Tensor i64 = x_of<int64_t>("I64", {-7, 1 << 24, std::numeric_limits<int64_t>::min()});
  EXPECT_EQ(i64[0], -7.0f);
  EXPECT_EQ(i64[1], 16777216.0f);
  EXPECT_EQ(i64[2], -0x1p63f);
}

TEST(Safetensors, HalvesAreTheNumbersOfIeee754) {
  const Tensor f16 = x_of<uint16_t>("F16", {0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00});
  EXPECT_EQ(f16[0], 1.0f);
  EXPECT_EQ(f16[1], -2.0f);
  EXPECT_EQ(f16[2], 0.333251953125f);
  EXPECT_EQ(f16[3], 65504.0f);
  EXPECT_EQ(f16[4], 0x1p-14f);
  EXPECT_EQ(f16[5], 0x1.ff8p-15f);  // the largest subnormal one
  EXPECT_EQ(f16[6], 0x1p-24f);
  EXPECT_TRUE(f16[7] == 0 && std::signbit(f16[7]));
  EXPECT_EQ(f16[8], INFINITY);
  EXPECT_EQ(f16[9], -INFINITY);
  EXPECT_TRUE(std::isnan(f16[10]));
}

TEST(Safetensors, AWholeNumberThatF32CannotHoldIsAnError) {
  EXPECT_THROW_SAYING(x_of<int64_t>("I64", {(1 << 24) + 1}), "file: tensor 'x' holds the whole number 16777217");
  EXPECT_THROW_SAYING(x_of<int64_t>("I64", {std::numeric_limits<int64_t>::max()}), "which F32 cannot hold exactly");
}

TEST(Safetensors, CutAtAnyByteAreAnErrorAndNeverACrash) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", some_content());
  const std::string whole = read_file(folder / "x");
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);  // its own memory, so that a sanitizer sees a step beyond
    EXPECT_THROW(parse_safetensors(cut, "file"), Error) << size;
  }
  EXPECT_NO_THROW(parse_safetensors(whole, "file"));
}

TEST(Safetensors, DamagedInAnyWayAreReadOrRefused) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", some_content());
  const std::string whole = read_file(folder / "x");
  const Reader read = [](std::string_view damaged) { parse_safetensors(damaged, "file"); };
  flip_bytes(whole, read);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char c : {'\0', '\xff', '"', '[', '9', '-'}) {
      std::string damaged = whole;
      damaged[at] = c;
      read_hostile(read, damaged, "another byte at", at);
    }
  }
}

TEST(Safetensors, OfAbsurdHeaderSizeAreAnError) {
  for (const uint64_t size : {uint64_t{100}, uint64_t{100'000'001}, ~uint64_t{0}, ~uint64_t{7}}) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &size, 8);
    EXPECT_THROW_SAYING(parse_safetensors(bytes + "{}", "file"), "file: not a whole safetensors file");
  }
  EXPECT_THROW_SAYING(parse_safetensors("", "file"), "file: 0 bytes, too short");
}

TEST(Safetensors, RangesOutsideTheFileAreAnError) {
  const std::string four(4, '\0');
  expect_error(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", four,
               "file: tensor 'x' lies at bytes 0 to 8 of 4: the file is cut");
  expect_error(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four, "lies at bytes 4 to 0");
  expect_error(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}})", four, "lies at bytes");
  expect_error(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", four, "file: tensor 'x' has no range of bytes");
  expect_error(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", four, "has no range of bytes");
  expect_error(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}})", four, "has no range of bytes");
  expect_error(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four, "file: tensor 'x' of shape [2] has 4 bytes");
}

TEST(Safetensors, ShapesOfAbsurdSizeAreAnErrorAndNeverOverflow) {
  const auto with_shape = [](const std::string& shape) { return R"({"x":{"dtype":"F32","data_offsets":[0,0],"shape":)" + shape + "}}"; };
  expect_error(with_shape("[4294967296,4294967296]"), "", "of absurd size");  // 2^64: wraps to 0
  expect_error(with_shape("[1099511627776,1099511627776,4]"), "", "of absurd size");
  expect_error(with_shape("[18446744073709551615]"), "", "file: tensor 'x' has an absurd extent in its shape [18446744073709551615]");
  expect_error(with_shape("[-1]"), "", "absurd extent in its shape [-1]");
  expect_error(with_shape("[0.5]"), "", "absurd extent in its shape [0.5]");
  expect_error(with_shape("[1,1,1,1,1,1]"), "", "has no shape of at most 5 extents");
  expect_error(with_shape("3"), "", "has no shape of at most 5 extents");
  expect_error(with_shape("[4611686018427387904]"), "", "absurd extent");  // times 4 bytes: wraps to 0
}

TEST(Safetensors, HeadersThatMakeNoSenseAreAnError) {
  expect_error("", "", "file: not JSON");
  expect_error("{", "", "file: not JSON");
  expect_error("[]", "", "file: not a safetensors file (its header is not a JSON object)");
  expect_error("null", "", "its header is not a JSON object");
  expect_error(R"({"x":3})", "", "file: tensor 'x' lacks dtype, shape or data_offsets");
  expect_error(R"({"x":{}})", "", "file: tensor 'x' lacks dtype, shape or data_offsets");
  expect_error(R"({"x":{"dtype":3,"shape":[],"data_offsets":[0,4]}})", "", "file: tensor 'x' lacks dtype");
  expect_error(R"({"x":{"dtype":"C64","shape":[],"data_offsets":[0,8]}})", "", "file: tensor 'x' is of type C64; known: F32");
  expect_error(R"({"__metadata__":[]})", "", "file: the metadata are not a JSON object");
  expect_error(R"({"__metadata__":{"a":1}})", "", "file: metadata 'a' are not text");
}

TEST(Safetensors, JsonThatNestsWithoutEndIsAnErrorAndNotTheEndOfTheProgram) {
  for (const size_t depth : {size_t{100'000}, size_t{5'000'000}}) {
    const std::string open(depth, '['), close(depth, ']');
    expect_error(open, "", "deep");
    expect_error(open + close, "", "deep");
    expect_error(R"({"x":{"dtype":"F32","data_offsets":[0,4],"shape":[)" + open + close + "]}}", "1234", "deep");
    expect_error(R"({"__metadata__":{"a":)" + open + close + "}}", "", "deep");
  }
}

TEST(Safetensors, ManyTensorsOverTheSameBytesCannotFillTheMemory) {
  std::string header = "{";
  for (int i = 0; i < 10'000; ++i)
    header += fmt::format(R"({}"x{}":{{"dtype":"F32","shape":[262144],"data_offsets":[0,1048576]}})", i ? "," : "", i);
  expect_error(header + "}", std::string(1 << 20, '\0'), "file: its tensors up to 'x1' have 2097152 bytes together, the file has 1048576");
}

TEST(Safetensors, ATableOfManyTensorsIsReadInReasonableTime) {
  std::string header = "{";
  for (int i = 0; i < 100'000; ++i) header += fmt::format(R"({}"x{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", i ? "," : "", i);
  EXPECT_EQ(parse_safetensors(file_of(header + "}"), "file").tensors.size(), 100'000u);
}

TEST(Safetensors, NamesThatTheFormatCannotHoldAreAnError) {
  const TemporaryFolder folder;
  TensorFile content;
  content.tensors.emplace("\xff", Tensor(Shape{1}));
  EXPECT_THROW_SAYING(write_safetensors(folder / "x", content), "a name or the metadata to be written are not UTF-8");
  content.tensors.clear();
  content.metadata["k"] = "\xff";
  EXPECT_THROW_SAYING(write_safetensors(folder / "x", content), "a name or the metadata to be written are not UTF-8");
  content.metadata.clear();
  content.tensors.emplace("__metadata__", Tensor(Shape{1}));
  EXPECT_THROW_SAYING(write_safetensors(folder / "x", content), "no tensor can be named '__metadata__'");
  EXPECT_FALSE(std::filesystem::exists(folder / "x"));
}

TEST(Safetensors, AMissingFileIsAnErrorThatNamesIt) {
  EXPECT_THROW_SAYING(read_safetensors("/nowhere/x.safetensors"), "/nowhere/x.safetensors: cannot read: No such file or directory");
}

}  // namespace
}  // namespace convscope
