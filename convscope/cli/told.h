#pragma once

#include "convscope/api/network.h"

namespace convscope {

/** The network, once what a person should know about how it was read is on stderr. */
Network told(Network network);

}  // namespace convscope
