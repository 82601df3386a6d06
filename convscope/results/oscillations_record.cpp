#include "convscope/results/oscillations_record.h"

#include "convscope/results/inspection.h"

namespace convscope {

void OscillationNetwork::check(std::string_view whose) const {
  require(noise >= 0 && parameters >= 1, "{}: a network of {} parameters for noise {}", whose, parameters, noise);
  for (const double share : {published, accuracy, last_accuracy, fresh_accuracy})
    require(!(share < 0 || share > 1), "{}: shares lie between 0 and 1, got {}", whose, share);
}

void OscillationsRecord::check(std::string_view whose) const { require_beside(illustration, whose); }

}  // namespace convscope
