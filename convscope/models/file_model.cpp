#include "convscope/models/file_model.h"

#include "convscope/models/architecture/architecture.h"
#include "convscope/models/checkpoint.h"
#include "convscope/models/new_head.h"
#include "convscope/models/onnx/side_file.h"

namespace convscope {

namespace {

/** The network of an ONNX file. */
class OnnxFileModel : public Model {
 public:
  explicit OnnxFileModel(Path path) : path_(std::move(path)) {}

  Graph build(const Shape& image, int64_t classes, const Normalization& normalization) const override {
    const Checkpoint c = load_onnx_network(path_, {.image = image, .preprocessing = normalization, .output = import_of(path_).output});
    try {
      return with_classes(c.graph, classes);
    } catch (const Error& e) {
      fail("{}: {}", path_.string(), e.what());
    }
  }

  Task usual_task() const override {
    const Checkpoint c = load_onnx_network(path_, import_of(path_));
    const Shape& pixels = c.graph.shape(c.graph.at(kPixels));
    return {{pixels[1], pixels[2], pixels[3]}, static_cast<int64_t>(c.classes.size())};
  }

 protected:
  Value logits(Builder&, Value, int64_t) const override { fail("{}: it has a graph of its own", path_.string()); }

 private:
  Path path_;
};

/** The network of a checkpoint, which prepares its pixels itself. */
class CheckpointModel : public Model {
 public:
  explicit CheckpointModel(Path path) : path_(std::move(path)) {}

  Graph build(const Shape& image, int64_t classes, const Normalization& normalization) const override {
    const Graph graph = load_checkpoint(path_).graph;
    const Shape own = image_of(graph);
    require(image == own, "{}: it takes pictures {}, not {}", path_.string(), own, image);
    require(normalization.mean.empty(), "{}: a checkpoint prepares its pixels itself; `normalize` none was wanted", path_.string());
    try {
      return with_classes(graph, classes);
    } catch (const Error& e) {
      fail("{}: {}", path_.string(), e.what());
    }
  }

  Task usual_task() const override {
    const Checkpoint c = load_checkpoint(path_);
    return {image_of(c.graph), static_cast<int64_t>(c.classes.size())};
  }

 protected:
  Value logits(Builder&, Value, int64_t) const override { fail("{}: it has a graph of its own", path_.string()); }

 private:
  static Shape image_of(const Graph& graph) {
    const Shape& pixels = graph.shape(graph.at(kPixels));
    return {pixels[1], pixels[2], pixels[3]};
  }
  Path path_;
};

bool is_checkpoint_file(std::string_view text) { return text.ends_with(".safetensors"); }

}  // namespace

bool is_model_file(std::string_view text) { return is_onnx_file(Path(std::string(text))) || is_checkpoint_file(text); }

std::optional<ModelFile> model_file(std::string_view text) {
  if (is_onnx_file(Path(std::string(text)))) return ModelFile{std::string(text), ""};
  for (size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',', comma + 1))
    if (const Path path(std::string(text.substr(0, comma))); is_architecture_file(path))
      return ModelFile{path, std::string(text.substr(comma))};
  if (const Path path{std::string(text)}; is_architecture_file(path)) return ModelFile{path, ""};
  return std::nullopt;
}

std::unique_ptr<Model> model_named(std::string_view text) {
  if (is_checkpoint_file(text)) return std::make_unique<CheckpointModel>(Path(std::string(text)));
  const auto file = model_file(text);
  if (!file) return models().make(parse_choice(text));
  if (is_onnx_file(file->path)) return std::make_unique<OnnxFileModel>(file->path);
  const std::string whose = file->path.string();
  const Json options = parse_choice("file" + file->options).options;
  return std::make_unique<ArchitectureModel>(with_options(read_architecture(file->path), options, whose), whose);
}

std::string model_origin(std::string_view text) {
  return model_file(text) || is_model_file(text) ? std::string(text) : origin(parse_choice(text));
}

}  // namespace convscope
