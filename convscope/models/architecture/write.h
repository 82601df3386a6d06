#pragma once

#include <string>

#include "convscope/models/architecture/architecture.h"

namespace convscope {

/**
 * The architecture of a network, as a file that builds the same graph: what `build_architecture` makes of it for these pictures has the
 * same nodes and parameters. Scopes become blocks, blocks that come alike one after the other are repeated, and the last layer takes
 * `=classes`. What prepares the pixels is left out: it is a training's option. An error where an op of the network is no layer's.
 */
Architecture architecture_of(const Graph& network, std::string_view whose);

/** The file's text: an item a line, where it fits. */
std::string text_of(const Architecture& a);

}  // namespace convscope
