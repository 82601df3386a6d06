#include "convscope/cli/foreign_flags.h"

#include "convscope/base/json.h"
#include "convscope/cli/class_index.h"
#include "convscope/models/foreign/adopt.h"
#include "convscope/models/model.h"
#include "convscope/models/onnx/import.h"
#include "convscope/train/normalization.h"

namespace convscope {

namespace {

/** Flags that make sense for a network of somebody else alone. */
bool any_given(const ForeignOptions& o) {
  return !o.image.empty() || o.classes != 0 || !o.normalize.empty() || o.scale255 || !o.class_names.empty();
}

/** (x − mean) / std, times 255 where the network wants that. */
Normalization preprocessing(const ForeignOptions& o) {
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

Network foreign_network(const std::string& path, const ForeignOptions& o) {
  const Choice choice = parse_choice(o.model);
  const auto model = models().make(choice);
  const Task usual = model->usual_task();
  Graph graph = model->build(o.image.empty() ? usual.image : parse_image_shape(o.image), o.classes != 0 ? o.classes : usual.classes,
                             preprocessing(o));
  Checkpoint c = adopt(std::move(graph), read_state_dict(path), path);
  Network network{std::move(c.graph), std::move(c.classes), origin(choice), std::move(c.tensors)};
  take_classes(o.class_names, network);
  return network;
}

/** What lies beside NET.onnx as NET.onnx.json: the flags that this network wants, and its classes. */
struct SideFile {
  std::string normalize;
  bool scale255 = false;
  std::string image;
  std::vector<std::string> classes;

  void fields(auto&& field) {
    field("normalize", normalize, "as --normalize");
    field("scale255", scale255, "as --scale255");
    field("image", image, "as --image");
    field("classes", classes, "names, in the order of the logits");
  }
};

Network onnx_network(const std::string& path, ForeignOptions o) {
  require(o.model.empty() && o.classes == 0, "{}: --model and --classes are for state dicts; an ONNX file is a whole network", path);
  std::vector<std::string> names;
  const Path side = path + ".json";
  std::error_code ignored;
  if (std::filesystem::exists(side, ignored)) {
    constexpr uint64_t kMostBytes = 1 << 24;
    const SideFile s = fields_from_json<SideFile>(parse_json(read_file(side, kMostBytes), side.string()), side.string());
    // What a person says counts more.
    if (o.normalize.empty() && !o.scale255) {
      o.normalize = s.normalize;
      o.scale255 = s.scale255;
    }
    if (o.image.empty()) o.image = s.image;
    names = s.classes;
  }
  OnnxImport import;
  import.preprocessing = preprocessing(o);
  if (!o.image.empty()) import.image = parse_image_shape(o.image);
  Checkpoint c = load_onnx_network(path, import);
  require(names.empty() || names.size() == c.classes.size(), "{}: {} classes for a network of {}", side.string(), names.size(),
          c.classes.size());
  if (!names.empty()) c.classes = names;
  Network network{std::move(c.graph), std::move(c.classes), std::move(c.model), std::move(c.tensors)};
  take_classes(o.class_names, network);
  return network;
}

}  // namespace

Network open_network(const std::string& path, const ForeignOptions& options) {
  if (std::error_code ignored; is_onnx_file(path) && !std::filesystem::is_directory(path, ignored)) return onnx_network(path, options);
  if (!options.model.empty()) {
    std::error_code ignored;
    require(!std::filesystem::is_directory(path, ignored), "{}: --model is for state dicts from elsewhere; a run folder has its own", path);
    return foreign_network(path, options);
  }
  require(!is_torch_file(path), "{}: a state dict does not say what network it is of; its --model was wanted (`convscope list models`)",
          path);
  Network network = open_network(path);
  require(!any_given(options),
          "{}: --image, --classes, --normalize, --scale255 and --class-names are for state dicts from elsewhere; a checkpoint has its own",
          path);
  return network;
}

Network open_or_make_network(const std::string& what, const ForeignOptions& options, uint64_t seed) {
  std::error_code ignored;
  if (!options.model.empty() || (!models().has(what.substr(0, what.find(','))) && std::filesystem::exists(what, ignored)))
    return open_network(what, options);
  require(options.normalize.empty() && !options.scale255 && options.class_names.empty(),
          "{}: --normalize, --scale255 and --class-names are for state dicts from elsewhere, not for a model by name", what);
  return open_or_make_network(what, static_cast<const ModelTask&>(options), seed);
}

}  // namespace convscope
