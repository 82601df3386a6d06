#pragma once

#include "convscope/api/pictures.h"
#include "convscope/results/consistency_record.h"

namespace convscope {

struct ShiftOptions {
  int64_t shifts = 0;
  int64_t shift_draws = 5;
  int64_t shift_step = 1;

  void fields(auto&& field) {
    field("shifts", shifts, "how often the answer stays when pictures move by up to so many pixels each way; 0: not asked");
    field("shift_draws", shift_draws, "of `shifts`: pairs of random crops of each picture");
    field("shift_step", shift_step, "of `shifts`: every so many circular shifts are tried, the unmoved picture among them; 1: all of them");
  }
};

/** An error where the options make no sense; said before anything is read. */
void check_shifts(const ShiftOptions& options);

/** The record, and what it does not keep. */
struct MovedPictures : ConsistencyRecord {
  std::vector<double> circular_by_image;  // [N] share of the circular shifts at which the image keeps its class
  std::vector<double> crop_by_image;      // [N] share of the pairs of crops that get the same class
};

/**
 * Whether a network's answer stays when its pictures move (results/consistency_record.h tells by which definitions): all circular shifts of
 * up to `shifts` pixels, random crops, half pixels. A folder gets consistency.json and figures/consistency. Of N images (2 shifts / step +
 * 1)² + 2 draws + 3 answers each are asked.
 */
MovedPictures measure_consistency(const Network& network, const Pictures& pictures, const ShiftOptions& options, const Path& folder = {},
                                  const Setting& setting = {});

}  // namespace convscope
