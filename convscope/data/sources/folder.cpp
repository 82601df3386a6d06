#include "convscope/data/sources/folder.h"

#include <algorithm>

namespace convscope {

std::string FolderSource::how_to_get(const Path&) const { return "any folder of pictures is said by its path: photos/"; }

std::shared_ptr<const Dataset> FolderSource::load(Split split, const Path&) const {
  require(!options_.path.empty(), "folder: its path is missing: photos/, or folder,path=photos");
  return open_image_folder(options_.path, options_, split, image_);
}

std::string FolderSource::harmless_changes(const Shape& image) const {
  return fmt::format("pad-crop,pad={}+flip", std::max<int64_t>(1, image[1] / 8));
}

}  // namespace convscope
