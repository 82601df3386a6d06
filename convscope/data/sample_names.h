#pragma once

#include <string>
#include <vector>

#include "convscope/data/dataset.h"

namespace convscope {

/** What each sample is known by wherever it lies: class/file where it has a file of its own, else its number in the published split. */
std::vector<std::string> sample_names(const Dataset& samples);

/** A number in 0 … 2⁶⁴ − 1 that a name draws for a purpose, whatever else there is. */
uint64_t draw_by_name(std::string_view name, std::string_view purpose, uint64_t seed);

/** MD5 of the names, a line each, sorted: their order does not count. */
std::string digest_of_names(std::vector<std::string> names);

/** MD5 of some samples from all over, with their labels, pixel by pixel: of equal names the files need not be the same. */
std::string digest_of_pixels(const Dataset& samples);

}  // namespace convscope
