#include "convscope/api/export.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/base/sha256.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/models/onnx/import.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {

namespace {

/** More than rounding: the file would not be the network. */
constexpr double kMostDifference = 1e-4;

Checkpoint checkpoint_of(const Network& n) { return {n.graph, n.classes, n.name, json_object(), n.tensors, {}}; }

/** Logits of some pictures of noise. */
Tensor answers(const Network& network, const Setting& setting) {
  constexpr int64_t kPictures = 4;
  const Shape image = network.image();
  Tensor x({kPictures, image[0], image[1], image[2]});
  const RandomStream random(1, "export");
  for (int64_t i = 0; i < x.size(); ++i) x[i] = random.uniform(static_cast<uint64_t>(i));
  NetworkSubject subject = subject_of(network, setting, kPictures);
  return subject.logits(x);
}

double difference(const Network& network, const std::string& bytes, const Setting& setting) {
  Network again = network;
  Checkpoint c = parse_onnx_network(bytes, {}, "the file written");
  again.graph = std::move(c.graph);
  again.tensors = std::move(c.tensors);
  const Tensor a = answers(network, setting), b = answers(again, setting);
  double most = 1;
  for (const float v : a.span()) most = std::max(most, static_cast<double>(std::abs(v)));
  return max_difference(a, b) / most;
}

/** `linear.weight` → `fc.weight`: the classifier's name in torchvision's residual networks. Other parts have the zoo's names already. */
std::string zoo_name(const std::string& name) {
  constexpr std::string_view kOurs = "linear.";
  return name.starts_with(kOurs) ? "fc." + name.substr(kOurs.size()) : name;
}

TensorFile zoo_file(const Network& network) {
  TensorFile file;
  for (const auto& [name, t] : network.tensors)
    require(file.tensors.emplace(zoo_name(name), t).second, "two tensors would be called '{}' by the names of PyTorch's zoo",
            zoo_name(name));
  file.metadata = {{"format", "pt"}, {std::string(kOnnxClasses), Json(network.classes).dump()}};
  if (!network.name.empty()) file.metadata[std::string(kOnnxOrigin)] = network.name;
  for (const Node& node : network.graph.nodes())
    if (const auto* prepares = as<NormalizeOp>(*node.op))
      file.metadata[std::string(kOnnxNormalize)] = fields_to_json(prepares->get()).dump();
  return file;
}

}  // namespace

Exported export_network(const Network& network, const ExportOptions& o, const Setting& setting) {
  require_use(!o.onnx.empty() || !o.safetensors.empty(), "nothing is written: `onnx` or `safetensors` was wanted");
  require_use(!o.fold || !o.onnx.empty(), "`fold` is for ONNX files; a state dict has the names of the model's parts");
  const auto check = [&](const std::string& file, const char* ending) {
    if (file.empty()) return;
    require_use(file.ends_with(ending), "`{}` '{}': a name that ends in {} was wanted", ending + 1, file, ending);
    require_replaceable(file, network.file);
  };
  check(o.onnx, ".onnx");
  check(o.safetensors, ".safetensors");
  const std::string wrong = wrong_with(o);
  require_use(wrong.empty(), "{}", wrong);
  Exported done{network.name, parameter_count(network.graph), 0, {}};
  const auto written = [&](const std::string& path, std::string kind) {
    done.files.push_back({path, std::move(kind), sha256_of_file(path), static_cast<int64_t>(std::filesystem::file_size(path))});
  };
  if (!o.onnx.empty()) {
    const std::string bytes = onnx_bytes(onnx_of(checkpoint_of(network), o));
    done.difference = difference(network, bytes, setting);
    require(done.difference <= kMostDifference, "{}: read again it gives logits that differ by {:.2g} of the largest; it is not written",
            o.onnx, done.difference);
    write_file(o.onnx, bytes);
    written(o.onnx, "onnx");
  }
  if (!o.safetensors.empty()) {
    write_safetensors(o.safetensors, zoo_file(network));
    written(o.safetensors, "safetensors");
  }
  return done;
}

}  // namespace convscope
