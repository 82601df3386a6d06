#include "convscope/models/file_model.h"

#include "convscope/models/new_head.h"
#include "convscope/models/onnx/import.h"

namespace convscope {

namespace {

/** The network of an ONNX file. */
class OnnxFileModel : public Model {
 public:
  explicit OnnxFileModel(Path path) : path_(std::move(path)) {}

  Graph build(const Shape& image, int64_t classes, const Normalization& normalization) const override {
    const Checkpoint c = load_onnx_network(path_, {.image = image, .preprocessing = normalization});
    try {
      return with_classes(c.graph, classes);
    } catch (const Error& e) {
      fail("{}: {}", path_.string(), e.what());
    }
  }

  Task usual_task() const override {
    const Checkpoint c = load_onnx_network(path_);
    const Shape& pixels = c.graph.shape(c.graph.at(kPixels));
    return {{pixels[1], pixels[2], pixels[3]}, static_cast<int64_t>(c.classes.size())};
  }

 protected:
  Value logits(Builder&, Value, int64_t) const override { fail("{}: it has a graph of its own", path_.string()); }

 private:
  Path path_;
};

}  // namespace

bool is_model_file(std::string_view text) { return is_onnx_file(Path(std::string(text))); }

std::unique_ptr<Model> model_named(std::string_view text) {
  if (is_model_file(text)) return std::make_unique<OnnxFileModel>(Path(std::string(text)));
  return models().make(parse_choice(text));
}

}  // namespace convscope
