/**
 * fuzz_corpus FOLDER: writes a few small right files of each format that is read, FOLDER/READER/right-NAME, by what the tests make theirs
 * with. Files that once did harm lie beside them under other names and stay.
 */

#include <cstdio>
#include <set>

#include "convscope/base/archive.h"
#include "convscope/base/archive_testing.h"
#include "convscope/data/data_testing.h"
#include "convscope/data/matlab_testing.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/op_cases_testing.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/models/architecture/library.h"
#include "convscope/models/architecture/write.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/onnx/onnx_testing.h"
#include "convscope/nn/activation.h"
#include "convscope/nn/conv2d.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/linear.h"
#include "convscope/nn/perturb.h"
#include "convscope/results/attribution_record.h"
#include "convscope/results/epoch_metrics.h"
#include "convscope/results/evaluation.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/tensor/images_testing.h"
#include "convscope/tensor/npy.h"

namespace convscope {
namespace {

class Corpus {
 public:
  explicit Corpus(Path folder) : folder_(std::move(folder)) {}

  Path place(std::string_view reader, std::string_view name) const {
    const Path path = folder_ / reader / fmt::format("right-{}", name);
    make_folder(path.parent_path());
    return path;
  }
  void add(std::string_view reader, std::string_view name, std::string_view bytes) const {
    require(bytes.size() <= 4096, "{} {}: {} bytes; a corpus is small", reader, name, bytes.size());
    write_file(place(reader, name), bytes);
  }
  void add_json(std::string_view reader, std::string_view name, const Json& j) const { add(reader, name, j.dump()); }

 private:
  Path folder_;
};

Graph small_network() {
  Builder graph({1, 4, 4});
  Value x = Conv2d({.filters = 2}).build(graph, "conv", graph.pixels());
  x = Linear({.features = 3}).build(graph, "fc", x);
  return std::move(graph).finish(x);
}

/** The op over parameters of the case's shapes. */
Graph graph_of(const testing_graph::OpCase& c) {
  Graph graph;
  std::vector<Value> inputs;
  for (const Shape& shape : c.shapes()) {
    const std::vector<int64_t> extents(shape.extents().begin(), shape.extents().end());
    inputs.push_back(graph.add(fmt::format("x{}", inputs.size()), std::make_shared<ParameterOp>(ParameterOptions{.shape = extents}), {}));
  }
  graph.output = graph.add("y", c.make(), inputs);
  return graph;
}

void add_networks(const Corpus& corpus) {
  Checkpoint c;
  c.graph = small_network();
  c.classes = {"cat", "dog", "Käfer"};
  c.model = "small";
  c.notes = {{"data", "made up"}};
  c.tensors = initialise(c.graph, 3);
  c.state.tensors["optimiser/momentum/conv.weight"] = Tensor({2}, {1, 2});
  c.state.metadata["epoch"] = "17";
  save_checkpoint(corpus.place("checkpoint", "small"), c);
  corpus.add_json("graph", "small", to_json(c.graph));
  std::set<std::string> seen;
  for (const auto& op_case : testing_graph::op_cases())
    if (seen.insert(op_case.op).second) corpus.add_json("graph", op_case.op, to_json(graph_of(op_case)));
}

void add_images_and_arrays(const Corpus& corpus) {
  for (const std::string kind : {"file", "npy"})
    for (const Json& c : testing_images::cases(kind)) {
      const std::string path = c["file"].get<std::string>();
      corpus.add(kind == "npy" ? "npy" : "image", path.substr(path.rfind('/') + 1), testing_images::bytes(c["file"]));
    }
}

void add_pictures(const Corpus& corpus) {
  for (const std::string name : {"lossless.webp", "lossy.webp", "colour.bmp", "palette.bmp", "plain.gif", "interlaced.gif", "placed.gif"})
    corpus.add("image", name, read_file(Path(CONVSCOPE_FIXTURES) / "pictures" / name));
}

void add_archives(const Corpus& corpus) {
  const std::vector<TestEntry> entries = {{"folder/a", "one"}, {"folder/" + std::string(120, 'n'), std::string(100, 'b')}};
  corpus.add("archive", "tar", packed(entries, Packing::tar));
  corpus.add("archive", "tar-gz", packed(entries, Packing::tar_gz));
  corpus.add("archive", "zip", packed(entries, Packing::zip));
}

void add_foreign_networks(const Corpus& corpus) {
  const Path fixtures = Path(CONVSCOPE_FIXTURES) / "foreign";
  for (const std::string name :
       {"plain.pt", "plain.th", "kinds.pt", "kinds.th", "training.th", "protocol5.pt", "as-written.pt", "beside.ckpt"}) {
    const std::string bytes = read_file(fixtures / name);
    if (name != "beside.ckpt") corpus.add("torch", name, bytes);  // of which the pickle is what is special
    if (name.ends_with(".th")) continue;
    read_archive(bytes, name, {}, [&](ArchiveFile& file) {
      if (file.entry().name.ends_with("data.pkl")) corpus.add("pickle", name.substr(0, name.find('.')), file.bytes());
      return true;
    });
  }
  corpus.add("safetensors", "plain", read_file(fixtures / "plain.safetensors"));
  corpus.add("onnx", "small", testing_onnx::small());
  for (const std::string name : {"channel_shuffle", "group_norm_of_version_21", "constants_of_constants", "function_with_attribute",
                                 "oblong_pools", "quantised_by_pairs", "resize_cubic", "squeeze_and_excitation_channels_last"})
    corpus.add("onnx", name, read_file(fixtures / ".." / "onnx" / (name + ".onnx")));
  using namespace testing_onnx;
  const auto entry = [](std::string_view key, std::string_view value) { return part(13, part(1, key) + part(2, value)); };
  const std::string elsewhere = number(1, 2) + number(1, 3) + number(2, 1) + part(8, "m") + entry("location", "net.onnx.data") +
                                entry("offset", "6") + entry("length", "24") + number(14, 1);
  corpus.add("onnx", "weights-beside",
             model(node("Flatten", {"x"}, "f") + node("MatMul", {"f", "m"}, "y") + part(5, elsewhere) +
                   part(11, value("x", {-1, 2, 1, 1})) + part(12, value("y", {-1, 3}))));
}

void add_architectures(const Corpus& corpus) {
  corpus.add("architecture", "every-item",
             R"json({"image": [1, 8, 8], "classes": 4, "options": {"w": {"value": 2, "text": "width"}, "n": true},
 "blocks": {"b": {"options": {"f": "=w", "s": "=max(1, floor(f/2))"}, "numbered": true, "layers": [{"layer": "conv2d", "filters": "=f"}, {"layer": "relu"}]
}
}
,
 "layers": [{"layer": "conv2d", "name": "c", "filters": "=2*w", "frozen": ["weight"]}, {"again": "c", "if": "=channels == 1"},
  {"residual": [{"block": "b", "name": "x#", "repeat": "=w", "first": 1, "f": "=channels"}], "shortcut": [{"layer": "identity"}], "name": "sum"},
  {"layer": "concat", "of": ["input", "last", "c"]}, {"layer": "max-pool", "name": "pool", "if": "=rows > 1 and n"},
  {"layer": "linear", "name": "fc", "features": "=classes"}, {"layer": "linear", "name": "early", "features": "=classes", "of": "c"}],
 "outputs": {
  "late" : "fc", "early" : "early"
}
})json");
  for (const ArchitectureText& file : architecture_texts())
    if (file.text.size() <= 4096) corpus.add("architecture", file.name, file.text);
  Builder graph({1, 4, 4});
  const Value x = Masks({.nmasks = 2}).build(graph, "masks", graph.pixels());
  const Value y = Linear({.features = 3}).build(graph, "fc", PRelu({}).build(graph, "prelu", x));
  corpus.add("architecture", "written", text_of(architecture_of(std::move(graph).finish(y), "network")));
}

void add_results(const Corpus& corpus) {
  EpochMetrics first{.epoch = 1, .lr = 0.1, .train_loss = 2.25}, second{.epoch = 2, .lr = 0.01, .train_loss = 1.5};
  second.test_accuracy = 0.75;
  corpus.add("metrics", "two-epochs", metrics_line(first) + "\n" + metrics_line(second) + "\n");

  corpus.add_json("evaluation", "two-classes", fields_to_json(evaluation_of({{3, 1}, {2, 4}}, {"cat", "dog"})));

  SheetPicker picker({"cat", "dog"}, {0, 1}, 2);
  for (const int64_t index : {0, 1, 2}) picker.see(index, 0, std::vector<float>{0, 2.0f * static_cast<float>(index) - 1});
  corpus.add_json("predictions", "three", fields_to_json(picker.sheet()));

  AttributionRecord record;
  record.network.name = "resnet20";
  record.data.name = "cifar10";
  record.method = "integrated-gradients,steps=20";
  record.of = "logits";
  record.sign = true;
  record.colour_scale = "own";
  AttributionMap map;
  map.name = "frog";
  map.completeness_gap = 0.01;
  map.png = "7.png";
  record.maps = {map, {}};
  corpus.add_json("attribution", "two-maps", fields_to_json(record));

  corpus.add("json", "every-kind",
             R"({"a": [1, -2.5e3, null, true, "\u00e9\n\ud83d\ude00é"], "b": {"c": [[], {}]}, "d": 18446744073709551615})");
}

void add_data(const Corpus& corpus) {
  corpus.add("idx", "two-images", testing_data::idx_file(0x803, {2, 1, 3}, "abcdef"));
  std::string record(1 + 3 * 32 * 32, '\x80');
  record[0] = 7;
  corpus.add("cifar", "one-image", record);
  for (const bool compressed : {false, true})
    corpus.add("matlab", compressed ? "compressed" : "plain",
               testing_data::matlab_synsets({{1, "n02119789"}, {2, "n02100735"}, {700, "n01440764"}}, compressed));
}

}  // namespace
}  // namespace convscope

int main(int count, char** words) {
  using namespace convscope;
  try {
    require(count == 2, "fuzz_corpus FOLDER");
    const Corpus corpus{Path(words[1])};
    add_pictures(corpus);
    add_archives(corpus);
    add_data(corpus);
    add_foreign_networks(corpus);
    add_images_and_arrays(corpus);
    add_networks(corpus);
    add_architectures(corpus);
    add_results(corpus);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
