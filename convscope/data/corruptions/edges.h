#pragma once

#include "convscope/data/planes.h"

namespace convscope {

/** What OpenCV does to one plane of whole numbers 0 … 255; `Spatter` is defined by it. */

/** 1 where Canny's edges are, else 0: Sobel's slopes of 3 × 3, their absolute sum, thinned, from `high` on, and what hangs on it from `low`
 * on. */
Planes canny(const Planes& levels, double low, double high);
/** To the nearest pixel that is an edge, in steps of 1, 1.4 and 2.1969 (a knight's move); `most` at most. */
Planes distance_to(const Planes& edges, double most);
/** Levels spread so that each is as frequent as another. */
Planes equalised(const Planes& levels);

}  // namespace convscope
