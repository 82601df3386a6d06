#include "convscope/models/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "convscope/base/hostile_testing.h"
#include "convscope/models/model.h"
#include "convscope/models/small_testing.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/linear.h"

namespace convscope {
namespace {

/** A folder for one test, gone afterwards. */
class Checkpoints : public testing::Test {
 protected:
  Checkpoints() {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("convscope-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), getpid());
    std::filesystem::create_directories(folder_);
  }
  ~Checkpoints() override { std::filesystem::remove_all(folder_); }
  Path at(std::string_view name) const { return folder_ / name; }

 private:
  Path folder_;
};

Checkpoint small() {
  Builder graph({1, 4, 4});
  Value x = Conv2d({.filters = 2}).build(graph, "conv", graph.pixels());
  x = Linear({.features = 3}).build(graph, "fc", x);
  Checkpoint c;
  c.graph = std::move(graph).finish(x);
  c.classes = {"cat", "dog", "Käfer"};
  c.model = "small";
  c.notes = {{"data", "made up"}};
  c.tensors = initialise(c.graph, 3);
  return c;
}

/** The bytes of a file of that content, whether or not it makes sense. */
std::string bytes_of(const TensorFile& file, const Path& path) {
  write_safetensors(path, file);
  return read_file(path);
}

template <typename Deed>
std::string error_of(Deed deed) {
  try {
    deed();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

/** The message for a checkpoint whose file somebody changed; it must be one line that begins with the file's name. */
template <typename Change>
std::string error_after(const Path& path, Change change) {
  save_checkpoint(path, small());
  TensorFile file = read_safetensors(path);
  change(file);
  const std::string bytes = bytes_of(file, path);
  const std::string error = error_of([&] { parse_checkpoint(bytes, "net"); });
  EXPECT_TRUE(error.starts_with("net: ") || error == "no error") << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  EXPECT_LT(error.size(), 700u);
  return error;
}

TEST_F(Checkpoints, ComeBackAsTheyWere) {
  const Checkpoint c = small();
  save_checkpoint(at("net.safetensors"), c);
  const Checkpoint back = load_checkpoint(at("net.safetensors"));
  EXPECT_EQ(to_json(back.graph), to_json(c.graph));
  EXPECT_EQ(back.graph.output, c.graph.output);
  EXPECT_EQ(back.classes, c.classes);
  EXPECT_EQ(back.model, c.model);
  EXPECT_EQ(back.notes, c.notes);
  ASSERT_EQ(back.tensors.size(), c.tensors.size());
  for (const auto& [name, t] : c.tensors) {
    ASSERT_TRUE(back.tensors.contains(name)) << name;
    EXPECT_EQ(back.tensors.at(name).shape(), t.shape());
    EXPECT_EQ(max_difference(back.tensors.at(name), t), 0);
  }
  EXPECT_TRUE(back.state.tensors.empty());
  EXPECT_TRUE(back.state.metadata.empty());
}

TEST_F(Checkpoints, AreTheSameBytesForTheSameContent) {
  save_checkpoint(at("a.safetensors"), small());
  save_checkpoint(at("b.safetensors"), small());
  save_checkpoint(at("c.safetensors"), load_checkpoint(at("a.safetensors")));
  EXPECT_EQ(read_file(at("a.safetensors")), read_file(at("b.safetensors")));
  EXPECT_EQ(read_file(at("a.safetensors")), read_file(at("c.safetensors")));
}

TEST_F(Checkpoints, CarryATrainersStateBesideTheNetwork) {
  Checkpoint c = small();
  c.state.tensors["optimiser/momentum/conv.weight"] = Tensor({2}, {1, 2});
  c.state.metadata["epoch"] = "17";
  save_checkpoint(at("net.safetensors"), c);
  const Checkpoint back = load_checkpoint(at("net.safetensors"));
  EXPECT_EQ(back.tensors.size(), c.tensors.size());
  EXPECT_EQ(back.state.metadata, c.state.metadata);
  EXPECT_EQ(max_difference(back.state.tensors.at("optimiser/momentum/conv.weight"), Tensor({2}, {1, 2})), 0);
}

TEST_F(Checkpoints, HoldParametersUnderTheirOwnNamesForAnyReader) {
  save_checkpoint(at("net.safetensors"), small());
  const TensorFile file = read_safetensors(at("net.safetensors"));
  EXPECT_TRUE(file.tensors.contains("conv.weight"));
  EXPECT_TRUE(file.tensors.contains("fc.bias"));
}

TEST_F(Checkpoints, OfEveryModelComeBack) {
  for (const std::string& name : every_model()) {
    if (name == "resnet18" || name == "resnet34" || name == "resnet110") continue;  // like the others, only larger
    const auto model = models().make(parse_choice(name));
    Checkpoint c;
    c.graph = model->build(model->usual_task().image, 4, {{0.5}, {0.25}});
    c.classes = {"a", "b", "c", "d"};
    c.model = name;
    c.tensors = initialise(c.graph, 1);
    save_checkpoint(at("net.safetensors"), c);
    EXPECT_EQ(to_json(load_checkpoint(at("net.safetensors")).graph), to_json(c.graph)) << name;
  }
}

TEST_F(Checkpoints, CutAnywhereAreErrorsOfOneLine) {
  save_checkpoint(at("net.safetensors"), small());
  const std::string bytes = read_file(at("net.safetensors"));
  for (size_t length = 0; length < bytes.size(); length += length < 64 || length + 64 > bytes.size() ? 1 : 37) {
    const std::string error = error_of([&] { parse_checkpoint(std::string_view(bytes).substr(0, length), "net"); });
    EXPECT_TRUE(error.starts_with("net: ")) << length << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << length;
  }
}

TEST_F(Checkpoints, WithAnyByteOfTheHeaderChangedAreReadOrRefusedButNeverCrash) {
  save_checkpoint(at("net.safetensors"), small());
  const std::string bytes = read_file(at("net.safetensors"));
  size_t refused = 0;
  for (size_t i = 0; i + 400 < bytes.size(); ++i) {
    for (const char c : {'0', '"', '\n', '9'}) {
      std::string changed = bytes;
      changed[i] = c;
      refused += error_of([&] { parse_checkpoint(changed, "net"); }) != "no error";
    }
  }
  EXPECT_GT(refused, bytes.size());
}

TEST_F(Checkpoints, AreReadOrRefusedWhereverTheyAreCutOrDamaged) {
  Checkpoint c = small();
  c.state.tensors["optimiser/momentum/conv.weight"] = Tensor({2}, {1, 2});
  c.state.metadata["epoch"] = "17";
  save_checkpoint(at("net.safetensors"), c);
  const std::string bytes = read_file(at("net.safetensors"));
  ASSERT_LE(bytes.size(), 4096u);
  const Reader read = [](std::string_view damaged) { parse_checkpoint(damaged, "net"); };
  cut_everywhere(bytes, read);
  flip_bytes(bytes, read, 10'000, bytes.size());
}

TEST_F(Checkpoints, NameTheParametersThatAreMissingTooManyOrOfAnotherShape) {
  EXPECT_EQ(error_after(at("n.safetensors"), [](TensorFile& f) { f.tensors.erase("fc.bias"); }),
            "net: 1 of the network's 4 parameters are missing: \"fc.bias\"");
  EXPECT_EQ(error_after(at("n.safetensors"), [](TensorFile& f) { f.tensors["extra"] = Tensor({1}); }),
            "net: 1 tensors belong to no parameter of the network: \"extra\"");
  EXPECT_EQ(error_after(at("n.safetensors"), [](TensorFile& f) { f.tensors["fc.bias"] = Tensor({4}); }),
            "net: 1 parameters are of another shape: \"fc.bias is [4], the network wants [3]\"");
  EXPECT_NE(error_after(at("n.safetensors"), [](TensorFile& f) { f.tensors["ev\nil\x1b"] = Tensor({1}); }).find("ev\\nil"),
            std::string::npos);
}

TEST_F(Checkpoints, RefuseMetadataThatDoNotAddUp) {
  const auto with = [&](std::string key, std::string value) {
    return error_after(at("n.safetensors"), [&](TensorFile& f) { f.metadata[key] = value; });
  };
  const auto without = [&](std::string key) { return error_after(at("n.safetensors"), [&](TensorFile& f) { f.metadata.erase(key); }); };
  EXPECT_NE(without("convscope_format").find("needs the model's name"), std::string::npos);
  EXPECT_NE(with("convscope_format", "2").find("written in format \"2\", this program reads format 1"), std::string::npos);
  for (const std::string key : {"graph", "classes", "model", "notes"})
    EXPECT_EQ(without(key), fmt::format("net: '{}' is missing from its metadata", key));
  EXPECT_EQ(with("classes", R"(["cat"])"), "net: 1 class names for a network with 3 logits");
  EXPECT_NE(with("classes", R"(["cat", 2, "dog"])").find("a class name is not text: 2"), std::string::npos);
  EXPECT_NE(with("classes", R"({"cat": 1})").find("not a list"), std::string::npos);
  EXPECT_NE(with("notes", "[]").find("notes"), std::string::npos);
  EXPECT_NE(with("graph", "{").find("not JSON"), std::string::npos);
  EXPECT_NE(with("graph", std::string(100'000, '[')).find("deep"), std::string::npos);
}

class Graphs : public Checkpoints {
 protected:
  /** The message for a checkpoint whose graph somebody changed. */
  template <typename Change>
  std::string error(Change change) {
    return error_after(at("n.safetensors"), [&](TensorFile& f) {
      Json graph = parse_json(f.metadata["graph"], "a test");
      change(graph);
      f.metadata["graph"] = graph.dump();
    });
  }
  static Json& node(Json& graph, std::string_view name) {
    for (Json& n : graph["nodes"])
      if (n["name"] == name) return n;
    throw Error("the test's graph has no such node");
  }
};

TEST_F(Graphs, OfUnknownOpsAndOptionsAreRefused) {
  EXPECT_NE(error([](Json& g) { node(g, "conv")["op"] = "conv3d"; }).find("no op 'conv3d'; did you mean 'conv2d'?"), std::string::npos);
  EXPECT_NE(error([](Json& g) { node(g, "conv")["options"]["strides"] = 2; }).find("no option 'strides'"), std::string::npos);
  EXPECT_NE(error([](Json& g) { node(g, "conv")["options"]["stride"] = "two"; }).find("option 'stride' takes"), std::string::npos);
  EXPECT_NE(error([](Json& g) { node(g, "conv").erase("op"); }), "no error");
  EXPECT_NE(error([](Json& g) { node(g, "conv")["options"] = 5; }), "no error");
}

TEST_F(Graphs, ThatReadWhatDoesNotStandBeforeAreRefused) {
  EXPECT_NE(error([](Json& g) { node(g, "conv")["inputs"][0] = "conv"; }).find("reads 'conv', which does not stand before it"),
            std::string::npos);
  EXPECT_NE(error([](Json& g) { node(g, "conv")["inputs"][0] = "fc"; }).find("reads 'fc'"), std::string::npos);
  EXPECT_NE(error([](Json& g) { node(g, "conv")["inputs"][0] = "nothing"; }).find("reads 'nothing'"), std::string::npos);
  EXPECT_NE(error([](Json& g) { node(g, "conv")["inputs"][0] = 0; }), "no error");
  EXPECT_NE(error([](Json& g) { node(g, "conv")["inputs"].erase(2); }), "no error");
  EXPECT_NE(error([](Json& g) { node(g, "fc")["name"] = "conv"; }).find("two nodes are named 'conv'"), std::string::npos);
  EXPECT_NE(error([](Json& g) { g["output"] = "nowhere"; }).find("nowhere"), std::string::npos);
}

TEST_F(Graphs, OfAbsurdSizesAreRefused) {
  const int64_t huge = int64_t{1} << 62;
  EXPECT_NE(error([&](Json& g) { node(g, "pixels")["options"]["shape"] = {1, huge, 4, 4}; }), "no error");
  EXPECT_NE(error([&](Json& g) { node(g, "pixels")["options"]["shape"] = {1, 1, int64_t{1} << 30, int64_t{1} << 30}; }), "no error");
  EXPECT_NE(error([&](Json& g) { node(g, "pixels")["options"]["shape"] = {1, 1, -4, 4}; }), "no error");
  EXPECT_NE(error([&](Json& g) { node(g, "pixels")["options"]["shape"] = {4, 1, 4, 4}; }), "no error");
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, huge, std::numeric_limits<int64_t>::min()}) {
    EXPECT_NE(error([&](Json& g) { node(g, "conv")["options"]["stride"] = bad; }), "no error") << bad;
    EXPECT_NE(error([&](Json& g) { node(g, "conv")["options"]["dilation"] = bad; }), "no error") << bad;
    EXPECT_NE(error([&](Json& g) { node(g, "conv")["options"]["groups"] = bad; }), "no error") << bad;
    if (bad == 0) continue;  // a convolution without padding is one
    EXPECT_NE(error([&](Json& g) { node(g, "conv")["options"]["pad"] = bad; }), "no error") << bad;
  }
  EXPECT_NE(error([](Json& g) {
              for (int i = 0; i < 100'001; ++i) g["nodes"].push_back(0);
            }).find("nodes"),
            std::string::npos);
}

TEST_F(Graphs, WithoutPicturesOrLogitsAreRefused) {
  EXPECT_NE(error([](Json& g) { g["output"] = "conv"; }).find("logits [1, classes] were wanted"), std::string::npos);
  EXPECT_NE(error([](Json& g) {
              g["nodes"].push_back({{"name", "labels"}, {"op", "input"}, {"options", {{"shape", {1}}}}, {"inputs", json_list()}});
            }).find("another input"),
            std::string::npos);
  EXPECT_NE(error([](Json& g) {
              node(g, "pixels")["name"] = "images";
              node(g, "conv")["inputs"][0] = "images";
            }).find("'pixels'"),
            std::string::npos);
}

TEST_F(Checkpoints, ThatWouldBeRefusedAreNotWritten) {
  Checkpoint c = small();
  c.classes.pop_back();
  EXPECT_NE(error_of([&] { save_checkpoint(at("net.safetensors"), c); }).find("2 class names for a network with 3 logits"),
            std::string::npos);
  c = small();
  c.tensors.erase("conv.bias");
  EXPECT_NE(error_of([&] { save_checkpoint(at("net.safetensors"), c); }).find("conv.bias"), std::string::npos);
  c = small();
  c.tensors.at("conv.bias")[0] = NAN;
  EXPECT_NE(error_of([&] { save_checkpoint(at("net.safetensors"), c); }).find("\"conv.bias\" are NaN or infinite"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(at("net.safetensors")));
}

TEST_F(Checkpoints, AreFoundInRunFolders) {
  save_checkpoint(at("model.safetensors"), small());
  EXPECT_EQ(load_network(at("")).model, "small");
  EXPECT_EQ(load_network(at("model.safetensors")).model, "small");
  make_folder(at("empty"));
  write_file(at("notes.txt"), "hello");
  EXPECT_NE(error_of([&] { load_network(at("empty")); }).find("a folder without model.safetensors"), std::string::npos);
  EXPECT_NE(error_of([&] { load_network(at("notes.txt")); }).find("neither a run folder nor a .safetensors file"), std::string::npos);
  EXPECT_NE(error_of([&] { load_network(at("nowhere")); }).find("no such run folder and no such file"), std::string::npos);
}

}  // namespace
}  // namespace convscope
