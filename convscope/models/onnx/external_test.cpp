#include "convscope/models/onnx/external.h"

#include <gtest/gtest.h>

#include <cstring>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/models/onnx/import.h"
#include "convscope/models/onnx/onnx_testing.h"

namespace convscope {
namespace {

using namespace testing_onnx;

/** An entry of external data. */
std::string entry(std::string_view key, std::string_view value) { return part(13, part(1, key) + part(2, value)); }
/** A TensorProto of F32 whose numbers lie in another file. */
std::string elsewhere(std::string_view name, const std::vector<int64_t>& dims, const std::string& entries) {
  std::string bytes;
  for (const int64_t d : dims) bytes += number(1, d);
  return bytes + number(2, 1) + part(8, name) + entries + number(14, 1);
}

/** Flatten and a matrix of 2 × 3 that lies elsewhere. */
std::string network(const std::string& entries) {
  return model(node("Flatten", {"x"}, "f") + node("MatMul", {"f", "m"}, "y") + part(5, elsewhere("m", {2, 3}, entries)) +
               part(11, value("x", {-1, 2, 1, 1})) + part(12, value("y", {-1, 3})));
}

std::string floats(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/** A folder with a network and what lies beside it. */
struct Beside {
  TemporaryFolder folder;
  Path net = folder / "net.onnx";

  void write(const std::string& entries) const { write_file(net, network(entries)); }
  Checkpoint read() const { return load_onnx_network(net); }
};

const std::string kNumbers = "unused" + floats({1, 2, 3, 4, 5, 6});
std::string usual(const std::string& location) { return entry("location", location) + entry("offset", "6") + entry("length", "24"); }

TEST(OnnxBeside, NumbersInAnotherFileAreReadFromTheirPlace) {
  const Beside b;
  b.write(usual("net.onnx.data"));
  write_file(b.folder / "net.onnx.data", kNumbers);
  const Checkpoint c = b.read();
  const Tensor& m = c.tensors.at("m");  // as a linear layer has it
  EXPECT_EQ(m.shape(), (Shape{3, 2}));
  EXPECT_EQ(m[0], 1);
  EXPECT_EQ(m[1], 4);
}

TEST(OnnxBeside, AFileThatWasRenamedTogetherWithTheNetworkIsFound) {
  const Beside b;
  b.write(usual("resnet18.onnx.data"));
  write_file(b.folder / "net.onnx.data", kNumbers);
  EXPECT_EQ(b.read().tensors.at("m")[0], 1);
}

TEST(OnnxBeside, MissingShortAndPointerFilesAreToldApart) {
  const Beside b;
  b.write(usual("net.data"));
  EXPECT_THROW_SAYING(b.read(), "\"net.data\", which is not there; put it beside the network");
  write_file(b.folder / "net.data", kNumbers.substr(0, 20));
  EXPECT_THROW_SAYING(b.read(), "20 bytes; the network wants 24 from byte 6 on: it is cut");
  write_file(b.folder / "net.data", std::string("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 30\n"));
  b.write(entry("location", "net.data") + entry("offset", "600") + entry("length", "24"));
  EXPECT_THROW_SAYING(b.read(), "a pointer of Git LFS");
  write_file(b.net, std::string("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 30\n"));
  EXPECT_THROW_SAYING(b.read(), "net.onnx: a pointer of Git LFS");
}

TEST(OnnxBeside, OnlyPlainNamesBesideTheNetworkAreOpened) {
  const Beside b;
  const TemporaryFolder other;
  write_file(other / "secret", kNumbers);
  for (const std::string& location : {(other / "secret").string(), std::string("../x"), std::string("a/../../x"), std::string(""),
                                      std::string("a\\x"), std::string("x\0y", 3)}) {
    b.write(usual(location));
    EXPECT_THROW_SAYING(b.read(), "a plain name of a file beside the network is read, nothing else");
  }
  std::filesystem::create_symlink(other / "secret", b.folder / "linked");
  b.write(usual("linked"));
  EXPECT_THROW_SAYING(b.read(), "linked to another folder");
  // A network that is itself a link, as download caches have it, may have its numbers where it really is.
  write_file(other / "blob", network(usual("linked")));
  std::filesystem::remove(b.net);
  std::filesystem::create_symlink(other / "blob", b.net);
  EXPECT_EQ(b.read().tensors.at("m")[0], 1);
  std::filesystem::create_directory(b.folder / "folder");
  b.write(usual("folder"));
  EXPECT_THROW_SAYING(b.read(), "no file that can be read");
}

TEST(OnnxBeside, PlacesThatDoNotAddUpAreErrors) {
  const Beside b;
  write_file(b.folder / "d", kNumbers);
  for (const char* text : {"-1", "x", "99999999999999999999", "1e3"}) {
    b.write(entry("location", "d") + entry("offset", text));
    EXPECT_THROW_SAYING(b.read(), "offset");
  }
  b.write(entry("location", "d") + entry("length", "20"));
  EXPECT_THROW_SAYING(b.read(), "20 bytes in another file for extents that take 24");
  b.write(entry("location", "d") + entry("offset", "9223372036854775807"));
  EXPECT_THROW_SAYING(b.read(), "it is cut");
  EXPECT_THROW_SAYING(parse_onnx_network(network(usual("d")), {}, "x"), "its numbers lie in another file");
}

TEST(OnnxBeside, ManyTensorsOfTheSameNumbersAreNotManyTimesAsLarge) {
  const Beside b;
  constexpr int64_t kSide = 512;
  write_file(b.folder / "net.onnx.data", std::string(kSide * kSide * sizeof(float), '\0'));
  std::string nodes = node("Flatten", {"x"}, "0"), weights;
  for (int i = 0; i < 8; ++i) {
    const std::string name = fmt::format("m{}", i);
    nodes += node("MatMul", {std::to_string(i), name}, std::to_string(i + 1));
    weights += part(5, elsewhere(name, {kSide, kSide}, entry("location", "net.onnx.data")));
  }
  write_file(b.net, model(nodes + node("Identity", {"8"}, "y") + weights + part(11, value("x", {-1, kSide, 1, 1})) +
                          part(12, value("y", {-1, kSide}))));
  EXPECT_THROW_SAYING(b.read(), "far more bytes than the file");
}

TEST(OnnxBeside, SurvivesDamage) {
  const OnnxBeside beside = [](std::string_view, uint64_t offset, uint64_t count) {
    require(offset <= kNumbers.size() && count <= kNumbers.size() - offset, "too far");
    return kNumbers.substr(offset, count);
  };
  const Reader reader = [&](std::string_view bytes) { parse_onnx_network(bytes, {}, "x", beside); };
  const std::string bytes = network(usual("d"));
  reader(bytes);
  cut_everywhere(bytes, reader);
  flip_bytes(bytes, reader, 3000, bytes.size());
}

}  // namespace
}  // namespace convscope
