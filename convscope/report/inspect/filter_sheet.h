#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/weights_record.h"

namespace convscope {

/** A layer's filters, every weight a square; `tiles` is the record's montage. Above them stands which layer this is. */
Figure filter_sheet(const WeightsRecord& record, const Image& tiles);

/** "conv1 [32, 3, 3, 3] of scratch". */
std::string filter_title(const WeightsRecord& record);
/** What the colours mean. */
std::string filter_scale_text(const WeightsRecord& record);

}  // namespace convscope
