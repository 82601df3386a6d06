#pragma once

/**
 * Event files as TensorBoard reads them: TFRecord frames (length, masked CRC-32C, bytes, masked CRC-32C) of the protobuf message
 * tensorflow.Event, of which scalars, pictures and histograms are written (tensorboard/compat/proto/{event,summary}.proto).
 */

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/tensor/image.h"

namespace convscope {

class EventFile {
 public:
  /**
   * A new file in `folder`, which is made where it is not there: TensorBoard reads all files of a folder as one log, so a training that
   * goes on begins another one. Each event is whole in the file when a function returns.
   */
  explicit EventFile(const Path& folder);

  /** Numbers that are not finite are left out. */
  void scalar(std::string_view tag, int64_t step, double value);
  void image(std::string_view tag, int64_t step, const Image& image);
  /** Counts in 30 bins of equal width between the least and the largest; numbers that are not finite are left out, none at all is no event.
   */
  void histogram(std::string_view tag, int64_t step, std::span<const float> values);

  const Path& file() const { return file_; }

 private:
  void add_summary(int64_t step, std::string_view value);
  void add(std::string_view event);

  Path file_;
  std::ofstream out_;
};

/** CRC-32C (Castagnoli), of RFC 3720. */
uint32_t crc32c(std::string_view bytes);

}  // namespace convscope
