#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/attribution_record.h"

namespace convscope {

/** A picture's row on the sheet. */
struct ExplainedPicture {
  Image input, map;
};

/** Image, map, and both in one (the map at half strength, as published), a row for each; under each its numbers. */
Figure attribution_sheet(const AttributionRecord& record, std::span<const ExplainedPicture> pictures);

/** "−0.31 … 0.31", or that the map is zero. */
std::string scale_text(const AttributionRecord& record, const AttributionMap& map);

/** "Of the logit of the target. Red: it grows …; channels are added up.": what has to be read beside the maps. */
std::string about_maps(const AttributionRecord& record);

/** The map over the image: `strength` of the first, the rest of the second in grey. */
Image overlaid(const Image& map, const Image& input, double strength);

}  // namespace convscope
