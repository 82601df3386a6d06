#include "convscope/results/activations_record.h"

namespace convscope {

void ImageAnswers::check(std::string_view whose) const {
  for (const std::string& file : {input, tiles, npy}) require_beside(file, whose);
}

void ActivationsRecord::check(std::string_view whose) const {
  require_beside(array, whose);
  require(columns >= 1 && shape.size() == 3, "{}: {} columns of maps of {} extents", whose, columns, shape.size());
}

}  // namespace convscope
