#pragma once

#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/base/json.h"

namespace convscope {

/** Of tests/fixtures/foreign. */
inline Path foreign_fixture(std::string_view name) { return Path(CONVSCOPE_FIXTURES) / "foreign" / name; }

/** values.json: what PyTorch says is in a file, `{name: {shape, values}}`. */
inline Json fixture_values(const std::string& file) {
  return parse_json(read_file(foreign_fixture("values.json")), "values.json").at(file);
}

}  // namespace convscope
