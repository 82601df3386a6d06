#include "convscope/results/study_results.h"

namespace convscope {

StudyResults results_of(const StudyRecord& record) {
  return {record.study, record.title,  record.scale, record.precision, record.seed, {record.network.name, record.network.sha256},
          record.parts, record.figures};
}

}  // namespace convscope
