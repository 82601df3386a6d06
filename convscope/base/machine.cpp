#include "convscope/base/machine.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <string_view>

namespace convscope {

namespace {

std::string value_after_colon(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    const size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return {};
}

int64_t status_bytes(std::string_view key) {
  const std::string kilobytes = value_after_colon("/proc/self/status", key);
  return kilobytes.empty() ? 0 : std::stoll(kilobytes) * 1024;
}

Machine look() {
  Machine m;
  m.processor = value_after_colon("/proc/cpuinfo", "model name");
#if defined(__x86_64__)
  const std::string flags = " " + value_after_colon("/proc/cpuinfo", "flags") + " ";  // what the system lets us use
  const auto has = [&](const char* flag) { return flags.find(" " + std::string(flag) + " ") != std::string::npos; };
  const bool avx512 = has("avx512f") && has("avx512bw") && has("avx512vl") && has("avx512dq");
  m.bf16 = avx512 && (has("avx512_bf16") || has("amx_bf16"));
  m.amx = avx512 && has("amx_bf16") && has("avx512_bf16");  // a virtual machine may have one without the other
#endif
  m.l2_bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (m.l2_bytes <= 0) m.l2_bytes = 1 << 20;
  return m;
}

}  // namespace

const Machine& machine() {
  static const Machine m = look();
  return m;
}

int64_t resident_bytes() { return status_bytes("VmRSS"); }
int64_t peak_resident_bytes() { return status_bytes("VmHWM"); }

void reset_peak_resident() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace convscope
