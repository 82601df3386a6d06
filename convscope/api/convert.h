#pragma once

#include "convscope/api/network.h"
#include "convscope/results/conversion.h"

namespace convscope {

/** How a network is to drop samples from now on. */
struct ConvertOptions {
  std::string downsample = {};
  std::string stem = "auto";
  std::string out = {};

  void fields(auto&& field) {
    field("downsample", downsample,
          "what stands where samples are dropped: blur:4 (1 to 7 taps), area, lanczos, flc, asap, aps or plain; options behind colons");
    field("stem", stem, "the first convolution, where it has a stride: keep, change, or auto: kept by all but flc, asap and aps");
    field("out", out, "checkpoint to write: a .safetensors file");
  }
};

/** An error where the options make no sense; said before anything is read. */
void check_conversion(const ConvertOptions& options);

/** Writes the same network, weights kept, with other downsampling (models/downsampled.h): a checkpoint for everything, training included.
 */
Conversion convert_network(const Network& network, const ConvertOptions& options);

/** The same in memory. */
Network converted(Network network, const std::string& downsample, const std::string& stem = "auto");

}  // namespace convscope
