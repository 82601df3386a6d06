#pragma once

#include "convscope/api/explain.h"
#include "convscope/inspect/attribution/quality/map_metric.h"

namespace convscope {

/** Where each of the images' classes is, by `ExplainOptions::boxes`: [N], empty where no file is said; an error where it lacks one of them.
 */
std::vector<std::vector<PixelBox>> boxes_of(const std::string& file, std::span<const int64_t> images, const Shape& image);

/**
 * How good a method's `maps` of x are: beside controls, among them the method on networks whose weights are drawn anew. Ranks share the
 * measures out; the root has them all, the others none.
 */
std::vector<MapQuality> check_maps_of(const Network& network, const Attribution& method, NetworkSubject& subject, const Tensor& x,
                                      const Question& question, const Tensor& maps, const ExplainOptions& options,
                                      std::vector<std::vector<PixelBox>> boxes, const Setting& setting);

/** An error where quality is not measured of such a question. */
void require_checkable(const Choice& method, const ExplainOptions& options);

}  // namespace convscope
