#pragma once

#include "convscope/base/file.h"
#include "convscope/data/image_folder.h"
#include "convscope/engine/program.h"
#include "convscope/models/checkpoint.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/resize.h"

namespace convscope {

/** A network as a command got it: opened from a file, or made from a model's name. */
struct Network {
  Graph graph;
  std::vector<std::string> classes;
  std::string name;  // where it came from
  std::map<std::string, Tensor> tensors;
  std::string trained_on = {};              // `--data` of its training; empty where that is not known
  std::vector<std::string> class_ids = {};  // what folders of pictures call the classes, where that is not their name

  /** [C, H, W] of its pictures. */
  Shape image() const;
  /** Y. */
  int64_t outputs() const;
  std::shared_ptr<Weights> weights() const { return std::make_shared<Weights>(graph, tensors); }
};

/** `NET`: a run folder or a checkpoint. */
Network open_network(const std::string& path);

/** `--data` for a network: pictures of a folder come to its size, as in its training where the text does not say how; stderr hears how
 * fast they were read. */
std::shared_ptr<const Dataset> open_data(const std::string& data, Split split, const Network& network, std::span<const Path> roots);

/** "flowers: 640 pictures read in 0.9 s, 711 a second", a line. */
std::string decoding_text(std::string_view name, const Decoding& decoding);

/** How the training brought pictures to the network's size; `squash` where that is not known. */
Fit fit_of(const Network& network);

/** The file's picture as the network takes it: [1, C, H, W]. */
Tensor read_picture(const std::string& file, const Network& network, Fit fit);

/** How a model is made that has no file: pictures "C,H,W" and classes; empty and 0: what it was published for. */
struct ModelTask {
  std::string image;
  int64_t classes = 0;

  void fields(auto&& field) {
    field("image", image, "C,H,W of the pictures, for a model by name; its usual ones without it");
    field("classes", classes, "count of classes, for a model by name; 0: its usual ones");
  }
};

/** `NET|M`: a model with fresh weights where one has that name (a folder `deep` is then said as `./deep`), else a file or folder. */
Network open_or_make_network(const std::string& what, const ModelTask& task, uint64_t seed);

/** `--image`: "3,32,32" → [3, 32, 32]. */
Shape parse_image_shape(std::string_view text);

/** Pictures [N, C, H, W] of independent random pixels. */
void random_pixels(Tensor& pixels, uint64_t seed);

}  // namespace convscope
