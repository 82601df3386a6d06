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

/** "0.5 + 10 × difference": what a picture of the change shows; of one made from black the picture itself. */
std::string gain_text(const AttackRecord& record);
/** What stands under a picture: class and confidence, by five decimals as "cat 0.91234" or, where the record asks for it, in percent. */
struct AttackCaption {
  std::string name, confidence;
  std::string text() const { return name + (name.empty() ? "" : " ") + confidence; }
};
/** Of the image: "cat 0.91234", and "dog 0.81234, is cat" where the network was wrong before; in percent "92% cat, cat". */
AttackCaption caption_before(const AttackRecord& record, const AttackImage& image);
/** Of what came of it: "dog 0.98123"; in percent "98% dog". */
AttackCaption caption_after(const AttackRecord& record, const AttackImage& image);
/** "L∞ 0.0157, L2 0.42, 37 steps". */
std::string change_text(const AttackImage& image);
/** "truck 0.81234 as 8 bits", where rounding makes another class of it; else empty. */
std::string rounding_text(const AttackImage& image);
/** "#7", and whether the image was wrong before the attack. */
std::string number_text(const AttackImage& image);

}  // namespace convscope
