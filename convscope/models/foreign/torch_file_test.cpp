#include "convscope/models/foreign/torch_file.h"

#include <algorithm>

#include "convscope/base/base_testing.h"
#include "convscope/base/hostile_testing.h"
#include "convscope/models/foreign/fixture_file_testing.h"

namespace convscope {
namespace {

using Tensors = std::map<std::string, Tensor>;

/** The tensors are those that PyTorch reads, to the last bit. */
void expect_values(const Tensors& tensors, const Json& wanted) {
  EXPECT_EQ(tensors.size(), wanted.size());
  for (const auto& [name, facts] : wanted.items()) {
    ASSERT_TRUE(tensors.contains(name)) << name;
    const Tensor& t = tensors.at(name);
    EXPECT_EQ(t.shape(), Shape(facts["shape"].get<std::vector<int64_t>>())) << name;
    const auto values = facts["values"].get<std::vector<float>>();
    EXPECT_TRUE(std::equal(values.begin(), values.end(), t.span().begin(), t.span().end())) << name;
  }
}

Tensors read(std::string_view name) { return read_torch_file(foreign_fixture(name)); }

class TorchFormat : public testing::TestWithParam<const char*> {
 protected:
  std::string file(const std::string& name) const { return name + GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(BothFormats, TorchFormat, testing::Values(".pt", ".th"),
                         [](const auto& row) { return std::string(row.param) == ".pt" ? "Zip" : "Stream"; });

TEST_P(TorchFormat, GivesTheTensorsThatPyTorchReads) { expect_values(read(file("plain")), fixture_values("plain")); }

TEST_P(TorchFormat, HasEveryKindOfNumberAndOfView) { expect_values(read(file("kinds")), fixture_values("kinds")); }

TEST_P(TorchFormat, IsFoundInsideACheckpointOfATraining) { expect_values(read(file("training")), fixture_values("training")); }

TEST_P(TorchFormat, ThatRunsSomethingIsRefusedByItsName) {
  EXPECT_THROW_SAYING(read(file("runs")), "posix.system");
  EXPECT_FALSE(std::filesystem::exists("/tmp/convscope-was-here"));
}

TEST_P(TorchFormat, IsReadOrRefusedHoweverItIsDamaged) {
  for (const std::string name : {"plain", "kinds", "training"}) {
    const std::string bytes = read_file(foreign_fixture(file(name)));
    const Reader reader = [](std::string_view damaged) { parse_torch_file(damaged, "x"); };
    cut_everywhere(bytes, reader);
    flip_bytes(bytes, reader, 10'000, bytes.size() / 2);
  }
}

TEST(TorchFiles, OfAnyProtocolAreRead) {
  for (const std::string protocol : {"3", "4", "5"}) expect_values(read("protocol" + protocol + ".pt"), fixture_values("plain"));
}

TEST(TorchFiles, WithPaddingAsPyTorchWritesItAreRead) { expect_values(read("as-written.pt"), fixture_values("plain")); }

TEST(TorchFiles, CutAnywhereAreErrors) {
  const std::string bytes = read_file(foreign_fixture("plain.th"));
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW_SAYING(parse_torch_file(std::string_view(bytes).substr(0, length), "x.th"), "x.th: ");
}

TEST(TorchFiles, OfOtherMachinesAndOfWholeNetworksAreRefused) {
  EXPECT_THROW_SAYING(read("big-endian.pt"), "byte order \"big\"");
  EXPECT_THROW_SAYING(read("module.pt"), "torch.nn.modules.container.Sequential");
  EXPECT_THROW_SAYING(read("module.pt"), "save its state_dict() instead");
  EXPECT_THROW_SAYING(read("values.json"), "neither of the two formats of torch.save");
  EXPECT_THROW_SAYING(parse_torch_file("\x80\x02N.", "x"), "a pickle, but not one of torch.save");
}

/** The older stream around a pickle of one storage "0" of four F32 numbers. */
std::string stream(const std::string& object) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15), version("\x80\x02M\xe9\x03.", 6);
  const std::string machine("\x80\x02}X\x0d\0\0\0little_endian\x88s.", 24), keys(
                                                                                "\x80\x02]X\x01\0\0\0"
                                                                                "0a.",
                                                                                11);
  return magic + version + machine + object + keys + std::string("\4\0\0\0\0\0\0\0", 8) + std::string(16, '\0');
}
/** {"w": a tensor over it}; `rest` are offset, extents and strides. */
std::string tensor(const std::string& rest) {
  using namespace std::string_literals;
  return "\x80\x02}X\1\0\0\0wctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"s + "0X\3\0\0\0cpuK\4tQ"s +
         rest + "tRs.";
}

TEST(TorchFiles, WithTensorsThatLeaveTheirStorageAreRefused) {
  using namespace std::string_literals;
  EXPECT_EQ(parse_torch_file(stream(tensor("K\0K\4\x85K\1\x85"s)), "x").at("w").shape(), Shape({4}));
  EXPECT_EQ(parse_torch_file(stream(tensor("K\1K\1\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85"s)), "x").at("w").size(), 1);
  for (const std::string& outside : {"K\0K\5\x85K\1\x85"s, "K\1K\4\x85K\1\x85"s, "K\5K\0\x85K\1\x85"s, "K\4))"s, "K\0K\2\x85K\4\x85"s,
                                     "K\0K\2\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85"s, "K\0K\2\x85J\xff\xff\xff\xff\x85"s,
                                     "J\xff\xff\xff\xffK\2\x85K\1\x85"s, "K\0\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85K\1\x85"s})
    EXPECT_THROW_SAYING(parse_torch_file(stream(tensor(outside)), "x"), "leaves its storage of 4 numbers");
  EXPECT_THROW_SAYING(parse_torch_file(stream(tensor("K\0J\xff\xff\xff\xff\x85K\1\x85"s)), "x"), "tensor \"w\": a shape cannot have");
  EXPECT_THROW_SAYING(parse_torch_file(stream(tensor("K\0(K\1K\1K\1K\1K\1K\1t(K\1K\1K\1K\1K\1K\1t"s)), "x"), "at most 5 are supported");
  // Strides of 0 make much of little.
  EXPECT_THROW_SAYING(parse_torch_file(stream(tensor("K\0J\0\0\0\x70\x85K\0\x85"s)), "x"), "far more numbers than the file");
}

TEST(TorchFiles, WithoutTensorsSayWhatIsInThem) {
  using namespace std::string_literals;
  EXPECT_THROW_SAYING(parse_torch_file(stream("\x80\x02}X\5\0\0\0epochK\3s."s), "x"), "nothing points to");
  EXPECT_THROW_SAYING(parse_torch_file(stream("\x80\x02}("s + "X\5\0\0\0epochK\3X\1\0\0\0s"s +
                                              "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"s + "0X\3\0\0\0cpuK\4tQu."s),
                                       "x"),
                      "its keys: \"epoch\", \"s\"");
}

}  // namespace
}  // namespace convscope
