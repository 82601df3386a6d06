#pragma once

#include <cstdint>
#include <string>

#include "convscope/base/file.h"

namespace convscope {

/**
 * The content of a file that may be gzipped (told by its first bytes, not by its name: browsers unpack and keep the name).
 * At most `limit` bytes are unpacked, whatever the file claims, so a bomb does no harm: ask for one more than is wanted, and what is too
 * long shows. A gzip stream that is cut or damaged is an error.
 */
std::string read_unpacked(const Path& path, int64_t limit);

}  // namespace convscope
