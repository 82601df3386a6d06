#include "convscope/api/network.h"

#include <algorithm>
#include <cmath>

#include "convscope/api/class_index.h"
#include "convscope/base/sha256.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/models/architecture/architecture.h"
#include "convscope/models/file_model.h"
#include "convscope/models/foreign/adopt.h"
#include "convscope/models/foreign/normaliser.h"
#include "convscope/models/onnx/side_file.h"
#include "convscope/nn/initialisers.h"
#include "convscope/train/normalization.h"

namespace convscope {

namespace {

/** "3,32,32" → [3, 32, 32]. */
Shape parse_image_shape(std::string_view text) {
  std::vector<int64_t> extents;
  for (const std::string_view part : split(text, ',')) {
    const auto extent = value_of<int64_t>(part);
    require_use(extent && *extent > 0 && *extent <= 1 << 16, "`image` '{}': wanted C,H,W such as 3,32,32", text);
    extents.push_back(*extent);
  }
  require_use(extents.size() == 3, "`image` '{}': {} numbers, wanted C,H,W such as 3,32,32", text, extents.size());
  return Shape(extents);
}

/** Options that make sense for a network of somebody else alone. */
bool any_given(const NetworkOptions& o) {
  return !o.task.image.empty() || o.task.classes != 0 || !o.normalize.empty() || o.scale255 || !o.class_names.empty() || !o.output.empty();
}

/** (x − mean) / std, times 255 where the network wants that. */
Normalization preprocessing(const NetworkOptions& o) {
  Normalization n = parse_normalization(o.normalize.empty() ? "none" : o.normalize);
  if (!o.scale255) return n;
  if (n.mean.empty()) n = {{0}, {1}};
  for (double& deviation : n.std) deviation /= 255;
  return n;
}

/** What a file says the outputs are called. */
void take_classes(const std::string& file, Network& network) {
  if (file.empty()) return;
  ClassIndex index = read_class_index(file, network.classes.size());
  network.classes = std::move(index.names);
  network.class_ids = std::move(index.ids);
}

/** What prepares the pixels: what was said, or what lies among the weights. Both are one and the same, or an error. */
Normalization preprocessing(const NetworkOptions& o, const std::optional<Normaliser>& inside, const std::string& path,
                            std::vector<std::string>& remarks) {
  const Normalization said = preprocessing(o);
  if (!inside) return said;
  const std::string what =
      fmt::format("its own layer that prepares pixels, '{}' and '{}' ({})", inside->mean, inside->std, name_of(inside->values));
  if (o.normalize.empty() && !o.scale255) {
    remarks.push_back(what + ", is the network's first node");
    return inside->values;
  }
  require(alike(said, inside->values), "{}: it has {}; `normalize` says otherwise: leave it out", path, what);
  return said;
}

Network foreign_network(const std::string& path, const NetworkOptions& o) {
  require(o.output.empty(), "{}: `output` is for ONNX files; a state dict belongs to a model, which has one", path);
  const auto model = model_named(o.model);
  const Task usual = model->usual_task();
  std::map<std::string, Tensor> tensors = read_state_dict(path);
  std::vector<std::string> remarks;
  const Normalization prepared = preprocessing(o, take_normaliser(tensors, path), path, remarks);
  Graph graph = model->build(o.task.image.empty() ? usual.image : parse_image_shape(o.task.image),
                             o.task.classes != 0 ? o.task.classes : usual.classes, prepared);
  Checkpoint c = adopt(std::move(graph), std::move(tensors), path);
  Network network{std::move(c.graph), std::move(c.tensors), std::move(c.classes), {}, model_origin(o.model)};
  network.remarks = std::move(remarks);
  take_classes(o.class_names, network);
  return network;
}

Network onnx_network(const std::string& path, NetworkOptions o) {
  require(o.model.empty() && o.task.classes == 0, "{}: `model` and `classes` are for state dicts; an ONNX file is a whole network", path);
  const OnnxSideFile side = read_side_file(path);
  // What a person says counts more.
  if (o.normalize.empty() && !o.scale255) {
    o.normalize = side.normalize;
    o.scale255 = side.scale255;
  }
  if (o.task.image.empty()) o.task.image = side.image;
  if (o.output.empty()) o.output = side.output;
  OnnxImport import;
  if (!o.normalize.empty() || o.scale255) import.preprocessing = preprocessing(o);
  import.output = o.output;
  if (!o.task.image.empty()) import.image = parse_image_shape(o.task.image);
  Checkpoint c = load_onnx_network(path, import);
  require(side.classes.empty() || side.classes.size() == c.classes.size(), "{}: {} classes for a network of {}",
          side_file_of(path).string(), side.classes.size(), c.classes.size());
  if (!side.classes.empty()) c.classes = side.classes;
  Network network{std::move(c.graph), std::move(c.tensors), std::move(c.classes), {}, std::move(c.model)};
  if (c.notes["onnx"].contains("remarks")) network.remarks = c.notes["onnx"]["remarks"].get<std::vector<std::string>>();
  take_classes(o.class_names, network);
  return network;
}

Network own_network(const std::string& path) {
  Checkpoint c = load_network(path);
  Network network{std::move(c.graph), std::move(c.tensors), std::move(c.classes), {}, std::move(c.model)};
  if (c.notes.contains("data") && c.notes["data"].is_string()) network.trained_on = c.notes["data"].get<std::string>();
  if (c.notes.contains("trained_on")) network.training = fields_from_json<TrainedOn>(c.notes["trained_on"], path + ": trained_on");
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) network.run = path;
  return network;
}

Network fresh_network(const std::string& what, const ModelTask& task, uint64_t seed) {
  const auto model = model_named(what);
  const Task usual = model->usual_task();
  const int64_t classes = task.classes != 0 ? task.classes : usual.classes;
  Network network{model->build(task.image.empty() ? usual.image : parse_image_shape(task.image), classes), {}, {}, {}, model_origin(what)};
  for (int64_t i = 0; i < classes; ++i) network.classes.push_back(std::to_string(i));
  return untrained(std::move(network), seed);
}

Network opened(const std::string& path, const NetworkOptions& options) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  if (is_onnx_file(path) && !folder) return onnx_network(path, options);
  if (!options.model.empty()) {
    require(!folder, "{}: `model` is for state dicts from elsewhere; a run folder has its own", path);
    return foreign_network(path, options);
  }
  require(!is_torch_file(path), "{}: a state dict does not say what network it is of; its `model` was wanted (`convscope list models`)",
          path);
  Network network = own_network(path);
  require(!any_given(options),
          "{}: `image`, `classes`, `normalize`, `scale255`, `class_names` and `output` are for networks from elsewhere; a checkpoint has "
          "its own",
          path);
  return network;
}

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

Shape Network::image() const {
  const Shape& s = graph.shape(graph.at(kPixels));
  return {s[1], s[2], s[3]};
}

int64_t Network::outputs() const { return graph.shape(graph.output)[1]; }

Fit Network::fit(const Setting& setting) const {
  if (trained_on.empty()) return Fit::squash;
  const Json options = data_choice(trained_on, setting.data_roots).options;
  return options.contains("resize") && options["resize"] != "squash" ? Fit::crop : Fit::squash;
}

bool Network::orients() const {
  if (!training) return false;
  const Json options = parse_choice(training->data).options;
  return options.contains("orient") && options["orient"] == true;
}

Network untrained(Network network, uint64_t seed) {
  network.tensors = initialise(network.graph, seed);
  network.file.clear();  // it is not that one any more
  network.sha256.clear();
  return network;
}

Network open_network(const std::string& path, const NetworkOptions& options) {
  Network network = opened(path, options);
  const Path file = network.run.empty() ? Path(path) : network.run / kLastNetwork;
  if (std::error_code ignored; std::filesystem::is_regular_file(file, ignored)) {  // a pipe is gone once it was read
    network.file = std::filesystem::canonical(file);
    network.sha256 = sha256_of_file(file);
  }
  return network;
}

Network open_or_make_network(const std::string& what, const NetworkOptions& options, uint64_t seed) {
  const std::string name = what.substr(0, what.find(','));
  const auto file = model_file(what);
  const bool described = file && is_architecture_file(file->path);
  if (!options.model.empty() || (!models().has(name) && !described && is_there(what))) return open_network(what, options);
  require(options.normalize.empty() && !options.scale255 && options.class_names.empty() && options.output.empty(),
          "{}: `normalize`, `scale255`, `class_names` and `output` are for networks from elsewhere, not for a model by name", what);
  require(described || models().has(name), "'{}' is neither a file nor a model{}", what, known_names(name, models().names()));
  return fresh_network(what, options.task, seed);
}

int64_t usual_batch(const Shape& image) {
  // A multiple of 8: counts that people choose fill it.
  return std::clamp<int64_t>(128 * 64 * 64 / (image[1] * image[2]) / 8 * 8, 8, 128);
}

NetworkSubject subject_of(const Network& network, const Setting& setting, int64_t batch) {
  require_use(batch >= 0, "`batch` {}: at least 1 image goes through at once; 0: as suits", batch);
  return network.programs.subject(network.graph, network.tensors,
                                  {.batch = batch > 0 ? batch : usual_batch(network.image()),
                                   .precision = setting.execution.precision,
                                   .engine = setting.execution.engine});
}

}  // namespace convscope
