#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace convscope {

/** Numbers of a GIF's first picture, [H, W, 3], on the whole of its screen. */
struct DecodedGif {
  int64_t rows = 0, columns = 0;
  std::vector<uint8_t> pixels;
};

/**
 * The first of a GIF's pictures, by giflib. What it leaves of the screen has its transparent colour, or its first one, as Pillow has it.
 * `most` pixels at most, and no more than `most_a_byte` for each byte of the file; what is wrong is an Error.
 */
DecodedGif decode_gif(std::string_view bytes, std::string_view whose, uint64_t most, uint64_t most_a_byte);

/** Whether it begins like one. */
bool is_gif(std::string_view bytes);
/** Whether pictures follow behind the first one, as far as its parts can be told. */
bool has_more_pictures(std::string_view gif);

}  // namespace convscope
