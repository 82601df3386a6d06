#pragma once

#include "convscope/report/page/html.h"

namespace convscope {

/**
 * Equal pictures of which the page shows one at a time: they travel as one montage. Style rules are those of `.sprite` and `.piece`.
 *
 *   <div class="sprite grid" {attributes}> {tile(0)} {tile(1)} … </div>
 */
class TileSheet {
 public:
  /** `rows` × `columns` of them. */
  TileSheet(const Image& montage, int64_t rows, int64_t columns);

  /** For the element around the tiles. */
  const Html& style() const { return style_; }
  /** Tile `n`, row by row; `inside` lies upon it. */
  Html tile(int64_t n, std::string_view said, const Html& inside = {}) const;

 private:
  int64_t rows_, columns_;
  Html style_;
};

}  // namespace convscope
