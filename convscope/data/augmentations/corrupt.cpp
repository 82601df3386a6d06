#include "convscope/data/augmentations/corrupt.h"

namespace convscope {

void Corrupt::Options::check(std::string_view whose) const {
  require(severity >= 0 && severity <= kSeverities, "{}: severity is {}; 1 to {}, or 0 for any of them, was wanted", whose, severity,
          kSeverities);
  require(share >= 0 && share <= 1, "{}: share is {}; 0 to 1 was wanted", whose, share);
}

Entry<Augmentation> Corrupt::row(const Entry<Corruption>& corruption) {
  const std::string name = corruption.name;
  return {name, "a corruption: " + corruption.summary, help<Options>(), [name](const Json& options) -> std::unique_ptr<Augmentation> {
            return std::make_unique<Corrupt>(name, fields_from_json<Options>(options, name));
          }};
}

void Corrupt::apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const {
  const RandomStream::Block words = sample.words("augmentation " + name_);
  if (words[0] * 0x1p-32 >= options_.share) return;
  const int64_t severity =
      options_.severity > 0 ? options_.severity : 1 + static_cast<int64_t>(words[1] * static_cast<uint64_t>(kSeverities) >> 32);
  Corrupter(name_, severity, sample.seed).apply(sample.number, sample.epoch + 1, shape, pixels);
}

}  // namespace convscope
