/** What libFuzzer calls; CONVSCOPE_READER is the row of readers.cpp. Whatever is not an Error ends the program, and libFuzzer keeps the
 * input. */

#include <cstddef>
#include <cstdint>

#include "convscope/base/error.h"
#include "readers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const convscope::FuzzReader& reader = convscope::fuzz_reader(CONVSCOPE_READER);
  try {
    reader.read({reinterpret_cast<const char*>(data), size});
  } catch (const convscope::Error&) {
  }
  return 0;
}
