#pragma once

#include "convscope/api/pictures.h"

namespace convscope {

/** Which of the pictures count, by a column of a table: one of the files that `eval` or another program leaves. */
struct MaskOptions {
  std::string mask = {};
  std::string mask_column = {};
  bool negate_mask = false;

  void fields(auto&& field) {
    field("mask", mask,
          "a CSV file with a heading: only images count whose row says 1 or true. A first column without a name, or called index, image "
          "or number, tells which image a row is of; without one rows are of the images in their order. Images without a row do not count");
    field("mask_column", mask_column, "with `mask`: the column that says it; a table with labels and predictions has `right` too");
    field("negate_mask", negate_mask, "with `mask`: the others count instead");
  }
};

/** An error where they do not go together. */
void check_mask(const MaskOptions& options);

/** Those that count, in their order; all where there is no mask. What is said of them tells the mask; people hear of images without a row.
 */
Pictures masked(const Pictures& pictures, const MaskOptions& options, const Setting& setting = {});

}  // namespace convscope
