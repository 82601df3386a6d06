#pragma once

#include "convscope/report/draw/chart.h"
#include "convscope/report/draw/division.h"

namespace convscope {

/** Bars across, one a whole and one for the mean, divided into the parts; those that have room say their percentage. */
Figure row_bars(const Division& division, const FigureWords& words);

/** A thin column for each whole, in their order, counted from 0. */
Figure column_bars(const Division& division, const FigureWords& words);

}  // namespace convscope
