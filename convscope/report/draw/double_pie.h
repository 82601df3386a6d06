#pragma once

#include <span>
#include <string>
#include <string_view>

#include "convscope/report/draw/figure.h"
#include "convscope/results/aliasing_record.h"

namespace convscope {

/** What happens to one layer's frequencies. */
struct LayerShares {
  std::string label;
  AliasingShares shares;
};

/** The mean, each layer weighing the same. */
AliasingShares mean_of(std::span<const LayerShares> layers);

/**
 * The aliasing study's pie. Outside, the mean over the layers; inside, each category's arc divided by layers, paler where they are early:
 * layer i of L has the opacity (i + 1) / (L + 1). From three o'clock, counter-clockwise. A layer's label is written where its own share of
 * the category is above 0.12 and there is room.
 */
Figure double_pie(std::span<const LayerShares> layers, std::string_view title, std::span<const std::string> below);

/** `layer,non_aliased,aliased,tangled,no_pass`, then a line a layer, and the mean. */
std::string layer_shares_csv(std::span<const LayerShares> layers);

}  // namespace convscope
