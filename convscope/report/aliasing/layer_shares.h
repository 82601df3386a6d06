#pragma once

#include <span>
#include <string>

#include "convscope/report/draw/division.h"
#include "convscope/results/aliasing_record.h"

namespace convscope {

/** What happens to one layer's frequencies. */
struct LayerShares {
  std::string label;
  AliasingShares shares;
};

/** Layers as figures show them: parts are the categories. */
Division division_of(std::span<const LayerShares> layers);

/** `layer,non_aliased,aliased,tangled,no_pass`, then a line a layer, and the mean. */
std::string layer_shares_csv(std::span<const LayerShares> layers);

}  // namespace convscope
