#pragma once

#include "convscope/api/setting.h"
#include "convscope/results/provenance.h"

namespace convscope {

/** An error where a record lies there that is of another network or other data, of another precision or of more images, unless `force`. */
void require_evaluation_place(const Path& file, const Provenance& now, const Setting& setting);

}  // namespace convscope
