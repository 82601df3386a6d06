#include "convscope/cli/network.h"

#include "convscope/base/split.h"
#include "convscope/cli/class_index.h"
#include "convscope/cli/flags.h"
#include "convscope/cli/output.h"
#include "convscope/data/image_folder.h"
#include "convscope/data/locate.h"
#include "convscope/models/model.h"
#include "convscope/nn/initialisers.h"

namespace convscope {

Shape parse_image_shape(std::string_view text) {
  std::vector<int64_t> extents;
  for (const std::string_view part : split(text, ',')) {
    const auto extent = value_of<int64_t>(part);
    require(extent && *extent > 0 && *extent <= 1 << 16, "--image '{}': wanted C,H,W such as 3,32,32", text);
    extents.push_back(*extent);
  }
  require(extents.size() == 3, "--image '{}': {} numbers, wanted C,H,W such as 3,32,32", text, extents.size());
  return Shape(extents);
}

Shape Network::image() const {
  const Shape& s = graph.shape(graph.at(kPixels));
  return {s[1], s[2], s[3]};
}

int64_t Network::outputs() const { return graph.shape(graph.output)[1]; }

Network open_network(const std::string& path) {
  Checkpoint c = load_network(path);
  const std::string trained_on = c.notes.contains("data") && c.notes["data"].is_string() ? c.notes["data"].get<std::string>() : "";
  return {std::move(c.graph), std::move(c.classes), std::move(c.model), std::move(c.tensors), trained_on};
}

std::shared_ptr<const Dataset> open_data(const std::string& data, Split split, const Network& network, std::span<const Path> roots) {
  Choice choice = parse_choice(data);
  const std::optional<Path> where = find_image_folder(choice.name, roots);
  const bool folder = where.has_value();
  // The folder that the network was trained on is read as it was then, so that what was held out stays apart.
  if (const Choice before = parse_choice(network.trained_on.empty() ? "-" : network.trained_on); folder && before.name == choice.name)
    for (const auto& [key, value] : before.options.items())
      if (!choice.options.contains(key)) choice.options[key] = value;
  if (folder && !choice.options.contains("resize")) choice.options["resize"] = fit_of(network) == Fit::crop ? "crop" : "squash";
  auto dataset = open_dataset(choice, split, roots, network.image());
  if (const Decoding* decoding = decoding_of(*dataset)) say(decoding_text(choice.name, *decoding));
  if (folder) dataset = with_classes_of(std::move(dataset), {network.classes, network.class_ids}, *where);
  return dataset;
}

std::string decoding_text(std::string_view name, const Decoding& d) {
  return fmt::format("{}: {} pictures read in {:.1f} s, {:.0f} a second\n", name, d.images, d.seconds,
                     static_cast<double>(d.images) / d.seconds);
}

Fit fit_of(const Network& network) {
  if (network.trained_on.empty()) return Fit::squash;
  const Json options = parse_choice(network.trained_on).options;
  return options.contains("resize") && options["resize"] != "squash" ? Fit::crop : Fit::squash;
}

Tensor read_picture(const std::string& file, const Network& network, Fit fit) {
  const Shape wanted = network.image();
  Image image = read_image(file);
  if (image.channels != wanted[0]) {
    require(wanted[0] == 1 || wanted[0] == 3, "{}: the network takes pictures of {} channels; a file has 1 or 3", file, wanted[0]);
    image = with_channels(std::move(image), wanted[0]);
  }
  return to_tensor(fitted(std::move(image), wanted[1], wanted[2], fit));
}

Network open_or_make_network(const std::string& what, const ModelTask& task, uint64_t seed) {
  const std::string name = what.substr(0, what.find(','));
  std::error_code ignored;
  if (!models().has(name) && std::filesystem::exists(what, ignored)) {
    require(task.image.empty() && task.classes == 0, "{}: --image and --classes are for models by name; a checkpoint has its own", what);
    return open_network(what);
  }
  require(models().has(name), "'{}' is neither a file nor a model{}", what, known_names(name, models().names()));
  const Choice choice = parse_choice(what);
  const auto model = models().make(choice);
  const Task usual = model->usual_task();
  const int64_t classes = task.classes != 0 ? task.classes : usual.classes;
  Network network{model->build(task.image.empty() ? usual.image : parse_image_shape(task.image), classes), {}, origin(choice), {}};
  for (int64_t i = 0; i < classes; ++i) network.classes.push_back(std::to_string(i));
  network.tensors = initialise(network.graph, seed);
  return network;
}

void random_pixels(Tensor& pixels, uint64_t seed) {
  const RandomStream random(seed, "pictures");
  for (int64_t i = 0; i < pixels.size(); ++i) pixels[i] = random.uniform(static_cast<uint64_t>(i));
}

}  // namespace convscope
