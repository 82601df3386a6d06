#pragma once

#include <span>

#include "convscope/report/page/section.h"

namespace convscope {

/** Maps of the same image by the same method: a row an image, a column a network; of images that at least two runs explained. */
Html compared_maps(std::span<const RunFolder> runs);

}  // namespace convscope
