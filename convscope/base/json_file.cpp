#include "convscope/base/json_file.h"

namespace convscope {

Json read_json(const Path& file, uint64_t max_bytes) { return parse_json(read_file(file, max_bytes), file.string()); }

void write_json(const Path& file, const Json& j) { write_file(file, j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

}  // namespace convscope
