#include "convscope/results/weights_record.h"

namespace convscope {

void WeightsRecord::check(std::string_view whose) const {
  require_beside(tiles, whose);
  require(columns >= 1 && shape.size() == 4, "{}: {} columns of filters of {} extents", whose, columns, shape.size());
}

}  // namespace convscope
