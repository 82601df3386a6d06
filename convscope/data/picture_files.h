#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"

namespace convscope {

/** Endings of pictures that are read, for messages. */
inline constexpr std::string_view kPictureEndings = ".jpg, .jpeg, .jfif, .png, .webp, .bmp or .gif";

/** Whether its name says that the file is a picture that is read, in letters of any size. */
bool is_picture_file(const Path& path);

/**
 * Files of pictures as somebody typed them; a folder stands for those that lie in it, hidden ones and deeper ones left out, in the order in
 * which people count: 2.png before 10.png. A folder without pictures is an error that names it.
 */
std::vector<std::string> picture_files(std::span<const std::string> paths);

}  // namespace convscope
