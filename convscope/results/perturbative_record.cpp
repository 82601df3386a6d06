#include "convscope/results/perturbative_record.h"

#include "convscope/results/inspection.h"

namespace convscope {

void PerturbativeRun::check(std::string_view whose) const {
  require(!name.empty(), "{}: a run without a name", whose);
  require_beside(name, whose);  // it becomes a path
  require(!(published < 0 || published > 1), "{}: run {}: shares lie between 0 and 1, got {}", whose, name, published);
}

void MaskFitPoint::check(std::string_view whose) const { require(images >= 1, "{}: masks fitted to {} images", whose, images); }

void PerturbativeRecord::check(std::string_view whose) const { require(test_images >= 1, "{}: tests of {} images", whose, test_images); }

}  // namespace convscope
