#pragma once

#include "convscope/report/draw/double_pie.h"

namespace convscope {

/** Bars of all frequencies, one a layer, divided into the four categories; parts that have room say their percentage. */
Figure layer_bars(std::span<const LayerShares> layers, std::string_view title, std::string_view subtitle);

/** A thin column for each channel, in their order. */
Figure channel_bars(std::span<const AliasingShares> channels, std::string_view title, std::string_view subtitle);

}  // namespace convscope
