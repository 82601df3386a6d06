#pragma once

#include <optional>
#include <string_view>

#include "convscope/data/source.h"

namespace convscope {

/** $XDG_CACHE_HOME/convscope or ~/.cache/convscope; empty where the user has no home. */
Path cache_folder();

/** Where data are looked for, first to last: `given` (a flag), $CONVSCOPE_DATA, where Debian's packages put them, the cache folder. */
std::vector<Path> data_roots(const Path& given = {});

/** Where new data go: `given` (a flag), else $CONVSCOPE_DATA, else the cache folder; an error where there is none of them. */
Path download_root(const Path& given = {});

/** The first folder that holds every file of the split: a root's folder of the source's name, or the root itself. */
std::optional<Path> find_data(const DataSource& source, Split split, std::span<const Path> roots);

/** The same; where there is none, an error that names the places and says how to get the data. */
Path locate_data(const DataSource& source, Split split, std::span<const Path> roots);

/**
 * Finds and loads a member: `open_dataset({"cifar10"}, Split::test, data_roots())`; or a folder of pictures (image_folder.h), where the
 * choice's name is a path: it has a '/', or no member and a folder is called so. Paths are looked for here, then in the roots. `image`
 * [C, H, W] is what the network takes: pictures of a folder are brought to it; other data sets are as they are.
 */
std::shared_ptr<const Dataset> open_dataset(const Choice& choice, Split split, std::span<const Path> roots,
                                            const std::optional<Shape>& image = {});

/** The folder of pictures that a choice's name means; nothing where it means a member. */
std::optional<Path> find_image_folder(std::string_view name, std::span<const Path> roots);

}  // namespace convscope
