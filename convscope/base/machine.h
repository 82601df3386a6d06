#pragma once

#include <cstdint>
#include <string>

namespace convscope {

/** What this machine is, as far as speed and bytes depend on it. */
struct Machine {
  std::string processor;  // as the system names it
  bool bf16 = false;      // multiplies bf16 natively (AVX512-BF16 or AMX)
  bool amx = false;
  int64_t l2_bytes = 0;  // of one core
};
const Machine& machine();

/** Resident memory of this process, now and at its highest. */
int64_t resident_bytes();
int64_t peak_resident_bytes();
/** Starts the highest anew, where the system lets us. */
void reset_peak_resident();

}  // namespace convscope
