#pragma once

#include "convscope/base/file.h"
#include "convscope/base/json.h"

namespace convscope {

/** A small JSON file; the errors name it. */
Json read_json(const Path& file, uint64_t max_bytes = 1 << 24);

/** Indented, whole or not at all; bytes in names that are no text are replaced. */
void write_json(const Path& file, const Json& j);

}  // namespace convscope
