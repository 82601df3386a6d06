#include "convscope/base/threads.h"

#include <omp.h>

#include <algorithm>
#include <exception>

namespace convscope {

// What a limit of the whole program leaves (OMP_THREAD_LIMIT) counts, not what was asked for; and a region that got one thread is a region
// still: what runs in it finds scratch for one.
int threads() { return omp_get_level() > 0 ? 1 : std::min(omp_get_max_threads(), omp_get_thread_limit()); }

void set_threads(int count) {
  omp_set_dynamic(0);  // a region gets as many as it asks for
  omp_set_num_threads(std::max(1, count));
}

namespace detail {

void parallel_ranges(int64_t count, int64_t at_least, void (*body)(void*, int64_t, int64_t), void* context) {
  if (count <= 0) return;
  const int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(1, at_least));
  const int team = static_cast<int>(std::min<int64_t>(threads(), most));
  if (team == 1) return body(context, 0, count);
  std::exception_ptr error;
#pragma omp parallel num_threads(team)
  {
    const int64_t rank = omp_get_thread_num(), size = omp_get_num_threads();
    try {
      const int64_t begin = count * rank / size, end = count * (rank + 1) / size;
      if (begin < end) body(context, begin, end);
    } catch (...) {
#pragma omp critical
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace detail

}  // namespace convscope
