#pragma once

#include <string>
#include <string_view>

#include "convscope/nn/normalize.h"

namespace convscope {

/**
 * Mean and deviation that a person named: `none`, `cifar10`, `imagenet`, `fashion-mnist`, or `MEAN/STD` with one number for all channels or
 * one for each, separated by commas: `0.5/0.25`, `.4914,.4822,.4465/.2470,.2435,.2616`. For pixels in [0, 1].
 */
Normalization parse_normalization(std::string_view text);

/** The same as a text that is read back as it: its name where it is known, else MEAN/STD; "none" where there is none. */
std::string name_of(const Normalization& normalization);

}  // namespace convscope
