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
 * A data set as people write it: a member with its options, "oscillations,noise=2"; or a folder of pictures by its path, here or in the
 * roots, with the options of the member `folder` behind it: "photos/,held_out=0.2". A text is a path where it has a '/' before the options,
 * or where no member and a folder is called so. A path may have commas: the longest one that is there counts. A folder that holds pictures
 * in an array (sources/array.h), or a run folder with those of one attack, means these.
 */
Choice data_choice(std::string_view text, std::span<const Path> roots);

/** The same data said so that they are found from any folder: a folder of pictures that is there gets its path, absolute and without links.
 */
std::string absolute_data(std::string_view text);

/**
 * Finds and loads a member: `open_dataset({"cifar10"}, Split::test, data_roots())`. `image` [C, H, W] is what the network takes: pictures
 * of a folder are brought to it; other data sets are as they are.
 */
std::shared_ptr<const Dataset> open_dataset(const Choice& choice, Split split, std::span<const Path> roots,
                                            const std::optional<Shape>& image = {});

/** The folder of pictures that a choice means; nothing where it means another member. */
std::optional<Path> image_folder_of(const Choice& choice);

}  // namespace convscope
