#pragma once

#include <string>
#include <string_view>

#include "convscope/cli/network.h"

namespace convscope {

/** What `NET` may be, for the help of commands. */
inline constexpr std::string_view kNetworkArgument =
    "a run folder (its last network; the best one is best.safetensors in it), a .safetensors checkpoint, an .onnx network, or with --model "
    "a "
    "state dict from elsewhere (.pt, .pth, .th, .pth.tar, .safetensors)";

/** What a network of somebody else does not say about itself: which of our models it is, and how its pixels are prepared. */
struct ForeignOptions : ModelTask {
  std::string model;
  std::string normalize;
  bool scale255 = false;
  std::string class_names;

  void fields(auto&& field) {
    field("model", model, "for a state dict from elsewhere: the model it fits, and its options");
    ModelTask::fields(field);
    field("normalize", normalize,
          "for a network from elsewhere: imagenet, cifar10, none or MEAN/STD, one number or one for each channel with commas between, for "
          "pixels in [0, 1]; it becomes the first node; without it pixels go in as they are");
    field("scale255", scale255, "for a network from elsewhere: what --normalize leaves is multiplied by 255");
    field("class_names", class_names,
          "for a network from elsewhere: file with a class name, or `index id name` between tabs, in each line, in the order of the "
          "logits");
  }
};

/** `NET`: a run folder or a checkpoint, or what `options` make a network of. */
Network open_network(const std::string& path, const ForeignOptions& options);

/** `NET|M` likewise. */
Network open_or_make_network(const std::string& what, const ForeignOptions& options, uint64_t seed);

}  // namespace convscope
