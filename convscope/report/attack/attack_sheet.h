#pragma once

#include <span>
#include <string>

#include "convscope/report/draw/figure.h"
#include "convscope/results/attack_record.h"

namespace convscope {

/** A picture's row on the sheet. */
struct AttackedPicture {
  Image clean, noise, result;
};

/**
 * Image, change, and what came of both, a row for each; under each what the network takes it for, and how sure it is. The pictures are
 * those of the record's images that have some, in their order.
 */
Figure attack_sheet(const AttackRecord& record, std::span<const AttackedPicture> pictures);

/** "0.5 + 10 × difference": what a picture of the change shows. */
std::string gain_text(double gain);
/** "L∞ 0.0157, L2 0.42, 37 steps". */
std::string change_text(const AttackImage& image);
/** "truck 0.81234 as 8 bits", where rounding makes another class of it; else empty. */
std::string rounding_text(const AttackImage& image);

}  // namespace convscope
