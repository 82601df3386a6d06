#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace convscope {

/** Numbers of a picture as libjpeg gives them: [H, W, C] with C 1 or 3. */
struct DecodedJpeg {
  int64_t rows = 0, columns = 0, channels = 0;
  std::vector<uint8_t> pixels;
};

/**
 * A JPEG of any sampling, by libjpeg itself: TurboJPEG knows the usual ones alone. `most` pixels at most, and no more than `most_a_byte`
 * for each byte of the file; what is wrong is an Error.
 */
DecodedJpeg decode_any_jpeg(std::string_view bytes, std::string_view whose, uint64_t most, uint64_t most_a_byte);

}  // namespace convscope
