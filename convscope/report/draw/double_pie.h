#pragma once

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/division.h"

namespace convscope {

/**
 * A pie in two rings, as the aliasing study draws it. Outside, the mean; inside, each part's arc divided by wholes, paler where they are
 * early: whole i of L has the opacity (i + 1) / (L + 1). From three o'clock, counter-clockwise. A label is written where its own share of
 * the part is above 0.12 and there is room.
 */
Figure double_pie(const Division& division, const FigureWords& words);

}  // namespace convscope
