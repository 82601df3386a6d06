#pragma once

#include "convscope/results/features_record.h"

namespace convscope {

inline constexpr std::string_view kGalleryFile = "gallery.html";  // beside the record

/**
 * All channels of a look as a page of its own, each with what was made for it, the data's images that drive it most and what it sees of
 * them. The page lies beside the pictures and loads them as they come into view, so that a layer of a thousand channels opens at once;
 * it sorts and filters, and is readable without its script.
 */
std::string feature_gallery(const FeaturesRecord& record);

}  // namespace convscope
