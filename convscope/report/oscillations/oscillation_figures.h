#pragma once

#include <string>

#include "convscope/report/draw/figure.h"
#include "convscope/results/oscillations_record.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Accuracy (logit) against parameters (logarithmic) for each noise, family by family: ours in colour over what was published, in grey. */
Figure oscillation_performance(const OscillationsRecord& record);
/** `arch,family,noise,parameters,published,accuracy,last_accuracy,fresh_accuracy,epochs`. */
std::string oscillation_csv(const OscillationsRecord& record);

/** Four images [4, rows, columns], and below each what is left of it when every second row and column stays. High is black. */
Figure oscillation_sheet(const Tensor& images);
/** x[::2, ::2] of each. */
Tensor every_second(const Tensor& images);

/** Both into `results`/figures. */
void write_oscillation_figures(const Path& results);
OscillationsRecord read_oscillations(const Path& results);

}  // namespace convscope
