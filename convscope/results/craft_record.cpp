#include "convscope/results/craft_record.h"

namespace convscope {

void CraftConcept::check(std::string_view whose) const {
  for (const std::string& file : {tiles, maps}) require_beside(file, whose);
}

void CraftRecord::check(std::string_view whose) const {
  require(columns >= 1, "{}: {} columns", whose, columns);
  require_beside(npy, whose);
}

}  // namespace convscope
