#include "convscope/models/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "convscope/base/join.h"
#include "convscope/base/one_line.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr std::string_view kFormat = "1";
constexpr std::string_view kState = "state/";
constexpr size_t kLongestMessage = 600;
constexpr size_t kMaxClasses = 1'000'000;
constexpr int64_t kMaxElements = int64_t{1} << 40;  // of one node for one image

/** The first few, since a network has hundreds. */
std::string first_few(const std::vector<std::string>& names) {
  constexpr size_t kShown = 4;
  std::vector<std::string> few;
  for (size_t i = 0; i < std::min(kShown, names.size()); ++i) few.push_back(shown(Json(names[i])));
  const std::string tail = names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "";
  return fmt::format("{}{}", join(few, ", "), tail);
}

void check_graph(const Graph& graph, size_t classes, std::string_view whose) {
  std::optional<Value> pixels = graph.find(kPixels);
  require(pixels && as<InputOp>(*graph.node(*pixels).op), "{}: the network has no input '{}'", whose, kPixels);
  for (const Node& node : graph.nodes()) {
    require(!as<InputOp>(*node.op) || node.name == kPixels, "{}: the network has another input than '{}': {}", whose, kPixels,
            shown(Json(node.name)));
    for (const Shape& shape : node.shapes) {
      int64_t elements = 1;
      for (const int64_t extent : shape.extents()) {
        require(extent <= kMaxElements / std::max<int64_t>(elements, 1), "{}: node {} is of absurd size {}", whose, shown(Json(node.name)),
                shape);
        elements *= extent;
      }
    }
  }
  const Shape& image = graph.shape(*pixels);
  require(image.rank() == 4 && image[0] == 1 && image.size() > 0, "{}: the network's pictures are {}; [1, C, H, W] was wanted", whose,
          image);
  require(graph.output.node >= 0, "{}: the network has no output", whose);
  const Shape& logits = graph.shape(graph.output);
  require(logits.rank() == 2 && logits[0] == 1, "{}: the network's output is {}; logits [1, classes] were wanted", whose, logits);
  require(static_cast<size_t>(logits[1]) == classes, "{}: {} class names for a network with {} logits", whose, classes, logits[1]);
}

/** All that must hold between the parts, whether they come from a file or go into one. */
void check(const Checkpoint& c, std::string_view whose) {
  check_graph(c.graph, c.classes.size(), whose);
  check_parameters(c.graph, c.tensors, whose);
  check_finite(c.tensors, whose);
  require(c.notes.is_object(), "{}: the notes are not a JSON object", whose);
}

const std::string& text(const TensorFile& file, const std::string& key, std::string_view whose) {
  const auto it = file.metadata.find(key);
  require(it != file.metadata.end(), "{}: '{}' is missing from its metadata", whose, key);
  return it->second;
}

std::vector<std::string> class_names(const Json& j, std::string_view whose) {
  require(j.is_array() && j.size() <= kMaxClasses, "{}: the class names are not a list of at most {}", whose, kMaxClasses);
  std::vector<std::string> names;
  for (const Json& name : j) {
    require(name.is_string(), "{}: a class name is not text: {}", whose, shown(name));
    names.push_back(name.get<std::string>());
  }
  return names;
}

/** A class name may come from a folder of any bytes: what is not UTF-8 is replaced rather than an epoch lost. */
std::string json_text(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

/** A view on numbers that somebody else keeps. */
Tensor view(const Tensor& t) { return Tensor::over(t.shape(), const_cast<float*>(t.data())); }

Checkpoint from_file(TensorFile file, std::string_view whose) {
  const auto format = file.metadata.find("convscope_format");
  require(format != file.metadata.end(),
          "{}: {} tensors, but no network of convscope among them; a state dict from elsewhere needs the model's name (`model`)", whose,
          file.tensors.size());
  require(format->second == kFormat, "{}: written in format {}, this program reads format {}; a newer convscope may read it", whose,
          shown(Json(format->second)), kFormat);

  Checkpoint c;
  c.graph = graph_from_json(parse_json(text(file, "graph", whose), fmt::format("{}: graph", whose)), whose);
  c.classes = class_names(parse_json(text(file, "classes", whose), fmt::format("{}: classes", whose)), whose);
  c.model = text(file, "model", whose);
  c.notes = parse_json(text(file, "notes", whose), fmt::format("{}: notes", whose));
  for (auto& [name, t] : file.tensors) {
    if (name.starts_with(kState)) {
      c.state.tensors.emplace(name.substr(kState.size()), std::move(t));
    } else {
      c.tensors.emplace(name, std::move(t));
    }
  }
  for (auto& [key, value] : file.metadata)
    if (key.starts_with(kState)) c.state.metadata.emplace(key.substr(kState.size()), std::move(value));
  check(c, whose);
  return c;
}

}  // namespace

void check_parameters(const Graph& graph, const std::map<std::string, Tensor>& tensors, std::string_view whose) {
  std::vector<std::string> missing, shapes, extra;
  std::set<std::string, std::less<>> known;
  for (const ParameterInfo& p : parameters(graph)) {
    require(!p.name.starts_with(kState), "{}: no parameter may be called {}: names from '{}' on are the trainer's", whose,
            shown(Json(p.name)), kState);
    known.insert(p.name);
    const auto it = tensors.find(p.name);
    if (it == tensors.end()) {
      missing.push_back(p.name);
    } else if (it->second.shape() != p.shape) {
      shapes.push_back(fmt::format("{} is {}, the network wants {}", p.name, it->second.shape(), p.shape));
    }
  }
  for (const auto& [name, t] : tensors)
    if (!known.contains(name)) extra.push_back(name);
  require(missing.empty(), "{}: {} of the network's {} parameters are missing: {}", whose, missing.size(), known.size(),
          first_few(missing));
  require(shapes.empty(), "{}: {} parameters are of another shape: {}", whose, shapes.size(), first_few(shapes));
  require(extra.empty(), "{}: {} tensors belong to no parameter of the network: {}", whose, extra.size(), first_few(extra));
}

void check_finite(const std::map<std::string, Tensor>& tensors, std::string_view whose) {
  for (const auto& [name, t] : tensors) {
    const auto broken = std::count_if(t.span().begin(), t.span().end(), [](float v) { return !std::isfinite(v); });
    require(broken == 0, "{}: {} of the {} numbers of {} are NaN or infinite: the file is damaged, or the training had failed", whose,
            broken, t.size(), shown(Json(name)));
  }
}

void save_checkpoint(const Path& path, const Checkpoint& c) {
  check(c, path.string());
  TensorFile file;
  file.metadata.emplace("convscope_format", kFormat);
  file.metadata["graph"] = json_text(to_json(c.graph));
  file.metadata["classes"] = json_text(c.classes);
  file.metadata["model"] = c.model;
  file.metadata["notes"] = json_text(c.notes);
  for (const auto& [key, value] : c.state.metadata) file.metadata[fmt::format("{}{}", kState, key)] = value;
  for (const auto& [name, t] : c.tensors) file.tensors.emplace(name, view(t));
  for (const auto& [name, t] : c.state.tensors) file.tensors.emplace(fmt::format("{}{}", kState, name), view(t));
  write_safetensors(path, file);
}

Checkpoint parse_checkpoint(std::string_view bytes, std::string_view whose) {
  try {
    return from_file(parse_safetensors(bytes, whose), whose);
  } catch (const Error& e) {
    throw Error(one_line(e.what(), kLongestMessage));
  }
}

Checkpoint load_checkpoint(const Path& path) { return parse_checkpoint(read_file(path), path.string()); }

Checkpoint load_network(const Path& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    const Path last = path / kLastNetwork;
    require(fs::exists(last, ignored), "{}: a folder without {}; a run folder has one from its first epoch on", path.string(),
            kLastNetwork);
    return load_checkpoint(last);
  }
  require(fs::exists(path, ignored), "{}: there is no such run folder and no such file{}", path.string(),
          path.string().find("://") == std::string::npos ? "" : "; addresses are not fetched: load the file down first");
  require(
      path.extension() == ".safetensors",
      "{}: not a network file convscope reads: neither a run folder nor a .safetensors file, nor, with its `model`, a PyTorch state dict "
      "(.pt, .pth, .th, .pth.tar, .ckpt), nor an .onnx network",
      path.string());
  return load_checkpoint(path);
}

}  // namespace convscope
