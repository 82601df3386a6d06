#pragma once

#include <string>
#include <vector>

#include "convscope/data/dataset.h"

namespace convscope {

/** What each sample is known by wherever it lies: class/file where it has a file of its own, else its number in the published split. */
std::vector<std::string> sample_names(const Dataset& samples);

/** MD5 of the names, a line each, sorted: their order does not count. */
std::string digest_of_names(std::vector<std::string> names);

}  // namespace convscope
