#pragma once

#include "convscope/base/file.h"
#include "convscope/base/json.h"

namespace convscope {

/** A small JSON file; the errors name it. */
inline Json read_json(const Path& file, uint64_t max_bytes = 1 << 24) { return parse_json(read_file(file, max_bytes), file.string()); }

/** Indented, whole or not at all; bytes in names that are no text are replaced. */
inline void write_json(const Path& file, const Json& j) { write_file(file, j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

}  // namespace convscope
