#include "convscope/report/page/tiles.h"

#include <algorithm>

namespace convscope {

TileSheet::TileSheet(const Image& montage, int64_t rows, int64_t columns) : rows_(rows), columns_(columns) {
  style_ = html("style=\"--sheet:url({});--columns:{};--rows:{};--aspect:{:.4f}\"", data_address(montage), columns_, rows_,
                static_cast<double>(montage.columns * rows_) / static_cast<double>(std::max<int64_t>(1, montage.rows * columns_)));
}

Html TileSheet::tile(int64_t n, std::string_view said, const Html& inside) const {
  // CSS counts a background's position from 0 to 1 over what does not fit.
  const auto place = [](int64_t at, int64_t count) { return count > 1 ? static_cast<double>(at) / static_cast<double>(count - 1) : 0.0; };
  return html("<span class=\"piece\" role=\"img\" aria-label=\"{0}\" title=\"{0}\" style=\"--x:{1:.5f};--y:{2:.5f}\">{3}</span>", said,
              place(n % columns_, columns_), place(n / columns_, rows_), inside);
}

}  // namespace convscope
