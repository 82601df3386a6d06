#pragma once

#include "convscope/api/explain.h"
#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/** How good a method's `maps` of x are: beside controls, among them the method on networks whose weights are drawn anew. */
std::vector<MapQuality> check_maps_of(const Network& network, const Attribution& method, NetworkSubject& subject, const Tensor& x,
                                      const Question& question, const Tensor& maps, const ExplainOptions& options, const Setting& setting);

/** An error where quality is not measured of such a question. */
void require_checkable(const Choice& method, const ExplainOptions& options);

}  // namespace convscope
