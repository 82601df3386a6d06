#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/features_record.h"

namespace convscope {

/** What was made for a feature, and beside it the data's images that drive it most, each with its number. */
Figure feature_sheet(const FeaturesRecord& record, const FeatureRecord& feature, std::span<const Image> made, std::span<const Image> top);

/** "channel 17", "class 3, cat". */
std::string feature_name(const FeatureRecord& feature);
/** "the mean of the channel over 2000 images: mean 0.31, standard deviation 0.12; …". */
std::string feature_text(const FeaturesRecord& record, const FeatureRecord& feature);

}  // namespace convscope
