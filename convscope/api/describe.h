#pragma once

#include "convscope/api/network.h"
#include "convscope/results/description.h"

namespace convscope {

/** Layers with shapes, parameters and multiply-adds, and what programs of that batch take of memory. */
Description describe(const Network& network, int64_t batch = 1, const Setting& setting = {});

/**
 * What `open_or_make_network` opens, as the text of an architecture file (models/architecture/architecture.h) that a training takes as its
 * `model`. A model that is such a file comes as it is, with the options that were said.
 */
std::string architecture_text(const std::string& what, const NetworkOptions& options, const Network& network);

}  // namespace convscope
