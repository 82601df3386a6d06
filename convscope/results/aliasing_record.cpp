#include "convscope/results/aliasing_record.h"

#include <cmath>

namespace convscope {

void AliasingShares::check(std::string_view whose) const {
  constexpr double kRounding = 1e-6;
  const double sum = non_aliased + aliased + tangled + no_pass;
  require(std::abs(sum - 1) < kRounding, "{}: shares add up to {}, not to 1", whose, sum);
}

void AliasingMap::check(std::string_view whose) const { require_beside(npy, whose); }

void AliasingSignal::check(std::string_view whose) const {
  require(channels >= 1 && rows >= 1 && columns >= 1 && rate >= 1, "{}: a signal of {} × {} × {} at rate {}", whose, channels, rows,
          columns, rate);
}

void AliasingRecord::check(std::string_view whose) const {
  for (const std::string& file : {per_image, image_table}) require_beside(file, whose);
  if (!per_image_energy.empty()) require_beside(per_image_energy, whose);
  require(images >= 1 && !signals.empty(), "{}: {} images and {} signals", whose, images, signals.size());
}

void remove_beginning_with(const Path& folder, std::string_view beginning) {
  std::error_code none;
  std::vector<Path> earlier;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.is_regular_file(none) && entry.path().filename().string().starts_with(beginning)) earlier.push_back(entry.path());
  for (const Path& file : earlier) std::filesystem::remove(file, none);
}

}  // namespace convscope
