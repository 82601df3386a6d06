#pragma once

#include <span>
#include <string>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/data/dataset.h"

namespace convscope {

/** What a network's outputs are called: by people, and by folders of pictures (ImageNet: tench, n01440764). */
struct ClassIndex {
  std::vector<std::string> names;
  std::vector<std::string> ids;  // empty: the names
};

/** A name a line, or lines `index id name` separated by tabs, in the order of the `wanted` logits; the last line may end without a newline.
 */
ClassIndex read_class_index(const Path& path, size_t wanted);

/**
 * The data set with the network's classes, where each of its own is one of them and they are not the same: told by id or name. A network
 * that knows its classes by number alone takes `classes.txt` from the folder of pictures or the one that holds it.
 */
std::shared_ptr<const Dataset> with_classes_of(std::shared_ptr<const Dataset> data, ClassIndex network, const Path& folder);

}  // namespace convscope
