#include "convscope/cli/foreign_flags.h"

#include "convscope/models/foreign/adopt.h"
#include "convscope/models/model.h"
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

/** One name a line; the last line may end without a newline. */
std::vector<std::string> read_class_names(const Path& path, size_t wanted) {
  constexpr uint64_t kMostBytes = 1 << 26;
  const std::string text = read_file(path, kMostBytes);
  std::vector<std::string> names;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    names.emplace_back(line);
    begin = end + 1;
  }
  require(names.size() == wanted, "{}: {} lines for a network with {} classes; one name a line was wanted", path.string(), names.size(),
          wanted);
  return names;
}

Network foreign_network(const std::string& path, const ForeignOptions& o) {
  const Choice choice = parse_choice(o.model);
  const auto model = models().make(choice);
  const Task usual = model->usual_task();
  Graph graph = model->build(o.image.empty() ? usual.image : parse_image_shape(o.image), o.classes != 0 ? o.classes : usual.classes,
                             preprocessing(o));
  Checkpoint c = adopt(std::move(graph), read_state_dict(path), path);
  if (!o.class_names.empty()) c.classes = read_class_names(o.class_names, c.classes.size());
  return {std::move(c.graph), std::move(c.classes), origin(choice), std::move(c.tensors)};
}

}  // namespace

Network open_network(const std::string& path, const ForeignOptions& options) {
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
