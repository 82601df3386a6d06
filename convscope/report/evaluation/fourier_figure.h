#pragma once

#include "convscope/report/draw/figure.h"
#include "convscope/results/fourier_record.h"

namespace convscope {

/** Errors under noise of each frequency, and beside them where the energy of the gradient is, on a scale of powers of ten. */
Figure fourier_figure(const FourierErrors& errors, std::string_view title);

/** `fourier.svg`, `.png` and, with both maps, `.csv` in the folder. */
void write_fourier_figure(const Path& folder, const FourierErrors& errors, std::string_view title);

}  // namespace convscope
