#pragma once

/** What a way to drop samples brings beside `plain`: on the same images, and where there are several trainings with the same seeds. */

#include "convscope/results/antialiasing_record.h"

namespace convscope {

/** A number of a way less that of `plain`. */
struct DifferenceToPlain : AntialiasingNumber {
  double p = kUnknown;  // McNemar's test, of one training and where each image is so or is not
};

/**
 * The rows of both that have the same seed are compared. 95 % intervals, within −1 … 1:
 *
 *   of several   Student's t over the differences, seed by seed
 *   of one       over images: of numbers that hold of an image or do not, Bonett and Price's interval of paired shares; of others Student's
 *                t over the images' differences, or the former where no image differs
 *
 * `folder` is where the record lies with its arrays; of one training the interval is unknown where they do not have the number, as records
 * of before lack some. All is unknown of `plain` itself, and where no seed is the same.
 */
DifferenceToPlain difference_to_plain(const AntialiasingRecord& record, std::string_view downsample, double AntialiasingRow::*number,
                                      const Path& folder);

/**
 * Mean corruption error of Hendrycks and Dietterich 2019, section 4.3, whose reference is the network `plain` here (theirs is AlexNet):
 *
 *   CE_c = Σ_s E_{s,c} / Σ_s E_{s,c}^plain,   mCE = mean over the corruptions c
 *
 * E is the share of wrong answers at severity s, the mean over trainings. 1 of `plain` itself, below 1 is better. Unknown where the
 * reference was not asked, or is never wrong. The reference's errors spread as those of the way do, so that the interval is one of the
 * ratio, 0 or above:
 *
 *   of several   seeds k that both have: Student's t over what each adds to first order (the delta method),
 *                mean over c of (E_{k,c} − CE_c E_{k,c}^plain) / E_c^plain
 *   of one       the bootstrap over images, the same ones for both; unknown without the arrays of `per_image_corrupted`
 */
AntialiasingNumber mean_corruption_error(const AntialiasingRecord& record, std::string_view downsample, const Path& folder);

}  // namespace convscope
