#pragma once

#include <optional>

#include "convscope/report/draw/figure.h"
#include "convscope/results/perturbative_view.h"

namespace convscope {

// Each is null where there is nothing to draw yet.

/** Test accuracy epoch by epoch of 3×3 convolutions, 1×1 convolutions and masks: the mean over seeds, each seed as a thin line. */
std::optional<Figure> perturbative_curves(const PerturbativeView& view);
/** One training under three meters; of the original network where it was trained. */
std::optional<Figure> perturbative_meters(const PerturbativeView& view);
/** What fitted masks leave of a convolution's output, against the images that they were fitted to. */
std::optional<Figure> mask_fit_figure(const MaskFitRecord& fit);
/** Final test accuracy against parameters, multiply-adds and time, kind by kind. */
std::optional<Figure> perturbative_budget(const PerturbativeView& view);

/** `name,label,kind,seeds,parameters,masks,macs,ms_per_image,published,best,best_low,best_high,last,last_low,last_high`; shares in percent.
 */
std::string perturbative_csv(const PerturbativeView& view);

/** The study's record in its folder, with the epochs of its trainings. */
PerturbativeView read_perturbative(const Path& results);

/** All into `results`/figures. */
void write_perturbative_figures(const Path& results);

}  // namespace convscope
