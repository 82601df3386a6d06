#include "convscope/subject/compiled_programs.h"

namespace convscope {

void CompiledPrograms::keep(size_t most, int64_t bytes) {
  size_t count = 0;
  int64_t sum = 0;
  for (auto i = kept_.begin(); i != kept_.end();) {
    const int64_t own = i->second.program->memory().total();
    const bool fits = count < most && sum + own <= bytes;
    if (fits) {
      ++count;
      sum += own;
      ++i;
    } else {
      i = kept_.erase(i);
    }
  }
}

int64_t CompiledPrograms::bytes() const {
  int64_t sum = 0;
  for (const auto& [key, entry] : kept_) sum += entry.program->memory().total();
  return sum;
}

}  // namespace convscope
