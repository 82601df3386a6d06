#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/prediction.h"

namespace convscope {

/** What a network sees in image files of any size, brought to its own by `fit`. A file that cannot be read does not stop the others.
 * Several ranks share the files out; all get the root's record. */
Predictions predict(const Network& network, std::span<const std::string> files, Fit fit, const Setting& setting = {});
/** Pictures fitted as in the network's training. */
inline Predictions predict(const Network& network, std::span<const std::string> files, const Setting& setting = {}) {
  return predict(network, files, network.fit(setting), setting);
}

/** Of pictures of any origin, as they are; each is called by its file, else by its number. */
Predictions predict(const Network& network, const Pictures& pictures, const Setting& setting = {});

/** The network held still for these pictures: few of them go through a program that is as large as they are, which is kept too. */
NetworkSubject subject_for(const Network& network, const Pictures& pictures, const Setting& setting = {});

}  // namespace convscope
