#include "convscope/results/neurons_record.h"

#include "convscope/base/join.h"

namespace convscope {

void NeuronImage::check(std::string_view whose) const {
  require(field.empty() || field.size() == 4, "{}: a field of {} numbers; 4 were wanted", whose, field.size());
}

void NeuronRecord::check(std::string_view whose) const { require_beside(tiles, whose); }

void NeuronsRecord::check(std::string_view whose) const {
  require(columns >= 1, "{}: {} columns", whose, columns);
  require(size.size() == 2 && size[0] >= 1 && size[1] >= 1, "{}: images of size [{}]", whose, join(size, ", "));
}

}  // namespace convscope
