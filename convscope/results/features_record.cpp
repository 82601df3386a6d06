#include "convscope/results/features_record.h"

#include <cmath>

namespace convscope {

void FeaturePicture::check(std::string_view whose) const {
  for (const std::string& file : {png, npy, seen, transparency}) require_beside(file, whose);
}

void FeatureRecord::check(std::string_view whose) const { require_beside(tiles, whose); }

void FeaturesRecord::check(std::string_view whose) const {
  require(columns >= 1, "{}: {} columns", whose, columns);
  require(size.empty() || size.size() == 2, "{}: a size of {} numbers, rows and columns were wanted", whose, size.size());
  require_beside(spectrum, whose);
}

std::string reached_text(const FeaturesRecord& record, const FeatureRecord& feature, const FeaturePicture& picture) {
  const std::string number = fmt::format("{:.3g}", picture.end);
  if (std::isnan(feature.best())) return number;
  if (std::isnan(picture.times)) return fmt::format("{}; the {} image {:.3g}", number, record.down() ? "lowest" : "best", feature.best());
  return fmt::format("{}, {:.2g} × the best image{}", number, picture.times, picture.times < 1 ? ": less than that" : "");
}

}  // namespace convscope
