#pragma once

#include "convscope/api/network.h"
#include "convscope/results/prediction.h"

namespace convscope {

/** What a network sees in image files of any size, brought to its own by `fit`. A file that cannot be read does not stop the others. */
Predictions predict(const Network& network, std::span<const std::string> files, Fit fit, const Setting& setting = {});
/** Pictures fitted as in the network's training. */
inline Predictions predict(const Network& network, std::span<const std::string> files, const Setting& setting = {}) {
  return predict(network, files, network.fit(setting), setting);
}

}  // namespace convscope
