#pragma once

/**
 * The front door's first half: a network as somebody brought it, whatever file it lies in.
 * Goals: one type for all that is asked of it; what a file does not say about itself is an option. Not a goal: training; see train.h.
 */

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "convscope/api/kept_programs.h"
#include "convscope/api/setting.h"
#include "convscope/models/checkpoint.h"
#include "convscope/tensor/resize.h"
#include "convscope/train/trained_on.h"

namespace convscope {

struct Network {
  Graph graph;
  std::map<std::string, Tensor> tensors;    // parameters by name
  std::vector<std::string> classes;         // [Y] names
  std::vector<std::string> class_ids = {};  // what folders of pictures call the classes, where that is not their name
  std::string name = {};                    // where it came from: "resnet20,shortcut=identity"
  std::string trained_on = {};              // data set of its training, as it was said; empty where that is not known
  std::optional<TrainedOn> training = {};   // what it learnt from, where its checkpoint tells
  Path file = {};                           // that it was read from, absolute; empty: it has none
  std::string sha256 = {};                  // of that file as it was opened
  std::vector<std::string> remarks = {};    // what a person should know about how it was read, a sentence each
  Path run = {};                            // the run folder that it was opened from; empty: it was a file or a model's name
  KeptPrograms programs = {};               // that questions have compiled, for the next ones

  /** [C, H, W] of its pictures. */
  Shape image() const;
  /** Y. */
  int64_t outputs() const;
  /** A store of its own weights. */
  std::shared_ptr<Weights> weights() const { return std::make_shared<Weights>(graph, tensors); }
  /** How its training brought pictures to its size; `squash` where that is not known. */
  Fit fit(const Setting& setting = {}) const;
  /** Whether its training turned photos as the camera was held (`orient=true`): then others are turned too. */
  bool orients() const;
};

/** The same network with the weights that a training with this seed begins with. */
Network untrained(Network network, uint64_t seed);

/** How a model is made that has no file: pictures "C,H,W" and classes; empty and 0: what it was published for. */
struct ModelTask {
  std::string image = {};
  int64_t classes = 0;

  void fields(auto&& field) {
    field("image", image, "C,H,W of the pictures, for a model by name; its usual ones without it");
    field("classes", classes, "count of classes, for a model by name; 0: its usual ones");
  }
};

/** What a network of somebody else does not say about itself: which of our models it is, and how its pixels are prepared. */
struct NetworkOptions {
  std::string model = {};
  ModelTask task = {};
  std::string normalize = {};
  bool scale255 = false;
  std::string class_names = {};
  std::string output = {};

  void fields(auto&& field) {
    field("model", model, "for a state dict from elsewhere: the model it fits, and its options");
    task.fields(field);
    field("normalize", normalize,
          "for a network from elsewhere: imagenet, cifar10, none or MEAN/STD, one number or one for each channel with commas between, for "
          "pixels in [0, 1]; it becomes the first node; without it pixels go in as they are");
    field("scale255", scale255, "for a network from elsewhere: what `normalize` leaves is multiplied by 255");
    field("class_names", class_names,
          "for a network from elsewhere: file with a class name, or `index id name` between tabs, in each line, in the order of the "
          "logits");
    field("output", output, "for an ONNX file of several outputs: the one that has the classes");
  }
};

/** A run folder (its last network), a .safetensors checkpoint, an .onnx network, or with `model` a state dict from elsewhere. */
Network open_network(const std::string& path, const NetworkOptions& options = {});

/** The same, or a model with fresh weights where one has that name (a folder `deep` is then said as `./deep`). */
Network open_or_make_network(const std::string& what, const NetworkOptions& options, uint64_t seed);

/** As many images of that shape as share a program well: large pictures take more memory each. */
int64_t usual_batch(const Shape& image);

/** The network held still; `batch` images at once, 0: as suits. What it compiles is kept with the network for the next one. */
NetworkSubject subject_of(const Network& network, const Setting& setting, int64_t batch = 0);

}  // namespace convscope
