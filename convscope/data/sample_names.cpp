#include "convscope/data/sample_names.h"

#include <algorithm>

#include "convscope/base/md5.h"
#include "convscope/base/random.h"

namespace convscope {

std::vector<std::string> sample_names(const Dataset& samples) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < samples.size(); ++i) {
    const Path file = samples.file(i);
    names.push_back(file.empty() ? std::to_string(samples.number(i))
                                 : file.parent_path().filename().string() + "/" + file.filename().string());
  }
  return names;
}

uint64_t draw_by_name(std::string_view name, std::string_view purpose, uint64_t seed) {
  const RandomStream::Block block = RandomStream(seed, fmt::format("{} {}", purpose, name)).block(0);
  return uint64_t{block[0]} << 32 | block[1];
}

std::string digest_of_names(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  Md5 sum;
  for (const std::string& name : names) sum.add(name + "\n");
  return sum.digest();
}

}  // namespace convscope
