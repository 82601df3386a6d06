#pragma once

/**
 * Damages a right file in every way that is cheap to try. A reader of foreign bytes either reads what comes or throws an Error; anything
 * else (another exception, a crash, what the sanitizers report) fails the test. Not installed.
 */

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"

namespace convscope {

using Reader = std::function<void(std::string_view bytes)>;

/** Whether it read or threw an Error, nothing else. The bytes lie in memory of their own, so that a sanitizer sees a step beyond. */
inline void read_hostile(const Reader& read, std::string_view bytes, const char* damage, uint64_t place) {
  const std::vector<char> own(bytes.begin(), bytes.end());
  try {
    read(std::string_view(own.data(), own.size()));
  } catch (const Error&) {
  } catch (const std::exception& e) {
    ADD_FAILURE() << damage << " " << place << ": not an Error but " << e.what();
  }
}

/** Cut at every length of a file of at most 4 KB; a longer one at each of its first 512 lengths and at 1,000 others. */
inline void cut_everywhere(std::string_view bytes, const Reader& read) {
  if (bytes.size() <= 4096) {
    for (size_t length = 0; length < bytes.size(); ++length) read_hostile(read, bytes.substr(0, length), "cut at", length);
    return;
  }
  const RandomStream random(1, "cuts");
  for (size_t length = 0; length < 512; ++length) read_hostile(read, bytes.substr(0, length), "cut at", length);
  for (uint64_t i = 0; i < 1000; ++i) {
    const size_t length = std::min(static_cast<size_t>(random.uniform(i) * static_cast<float>(bytes.size())), bytes.size() - 1);
    read_hostile(read, bytes.substr(0, length), "cut at", length);
  }
}

/** One to four bytes at random places become random ones; `count` times. The first `header` bytes are hit every other time. */
inline void flip_bytes(std::string_view bytes, const Reader& read, uint64_t count = 10'000, size_t header = 64) {
  const RandomStream random(1, "flips");
  std::string damaged;
  for (uint64_t i = 0; i < count; ++i) {
    damaged = bytes;
    const auto draw = [&](uint64_t k, size_t end) {
      return std::min(static_cast<size_t>(random.uniform(k, i) * static_cast<float>(end)), end - 1);
    };
    const size_t reach = i % 2 == 0 ? bytes.size() : std::min(header, bytes.size());
    for (uint64_t k = 0; k <= i % 4; ++k) damaged[draw(2 * k, reach)] = static_cast<char>(draw(2 * k + 1, 256));
    read_hostile(read, damaged, "flip", i);
  }
}

}  // namespace convscope
