#pragma once

#include <cstdint>
#include <type_traits>

namespace convscope {

/** Threads that a parallel region started here would have. */
int threads();

/** How many threads parallel regions of the calling thread have from now on. Only `main` and tests call it. */
void set_threads(int count);

namespace detail {
void parallel_ranges(int64_t count, int64_t at_least, void (*body)(void*, int64_t, int64_t), void* context);
}

/**
 * body(begin, end) over pieces of [0, count), one piece a thread; sequential below `at_least` items a thread and inside another
 * parallel region. Pieces depend on the count of threads alone. `body` may throw: the first error comes back to the caller.
 */
template <typename Body>
void parallel(int64_t count, int64_t at_least, Body&& body) {
  auto call = [](void* context, int64_t begin, int64_t end) { (*static_cast<std::remove_reference_t<Body>*>(context))(begin, end); };
  detail::parallel_ranges(count, at_least, call, const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace convscope
