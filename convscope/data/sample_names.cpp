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

std::string digest_of_pixels(const Dataset& samples) {
  constexpr int64_t kLooked = 64;
  Md5 sum;
  std::vector<float> pixels(static_cast<size_t>(samples.image_shape().size()));
  const int64_t count = std::min(kLooked, samples.size());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = samples.size() * i / count;
    samples.pixels(index, 0, pixels);
    sum.add(fmt::format("{} {} ", samples.number(index), samples.label(index)));
    sum.add({reinterpret_cast<const char*>(pixels.data()), pixels.size() * sizeof(float)});
  }
  return sum.digest();
}

}  // namespace convscope
