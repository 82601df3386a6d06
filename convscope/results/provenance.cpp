#include "convscope/results/provenance.h"

namespace convscope {

std::string DataOrigin::text() const { return split.empty() ? name : fmt::format("{}, {}", name, split); }

Json with_provenance(Json record) {
  if (!record.is_object()) return record;
  for (const char* key : {"network", "data"}) {
    if (!record.contains(key)) record[key] = json_object();
    if (record[key].is_string()) record[key] = {{"name", record[key]}};
  }
  return record;
}

}  // namespace convscope
