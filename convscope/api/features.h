#pragma once

#include <string>

#include "convscope/api/pictures.h"

namespace convscope {

/** What goes into the network's last linear layer, its last features; the last convolution where it has none, or an error. */
std::string last_features(const Graph& graph);

/** What a node gives for every picture, [N, …], straight to the disk; the ranks share the pictures out, and the root writes. */
void write_features(const Path& file, const Network& network, const Pictures& pictures, const std::string& node, const Setting& setting);

}  // namespace convscope
