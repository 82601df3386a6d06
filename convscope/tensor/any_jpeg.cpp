#include "convscope/tensor/any_jpeg.h"

#include <jpeglib.h>

#include <csetjmp>
#include <cstdio>

#include "convscope/base/error.h"

namespace convscope {

namespace {

constexpr int kMostScans = 500;  // a progressive file of a few bytes could ask for millions, each over all of the picture

// libjpeg reports errors by leaving; what it may jump out of holds nothing that wants destroying.
struct Decoder {
  jpeg_decompress_struct state;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf out;
  char text[JMSG_LENGTH_MAX];
};

Decoder& decoder_of(j_common_ptr common) { return *static_cast<Decoder*>(common->client_data); }

[[noreturn]] void leave(j_common_ptr common) {
  Decoder& d = decoder_of(common);
  (*common->err->format_message)(common, d.text);
  std::longjmp(d.out, 1);
}

/** Warnings mean lost pixels. */
void on_message(j_common_ptr common, int level) {
  if (level < 0) leave(common);
}
void on_output(j_common_ptr) {}

void on_progress(j_common_ptr common) {
  Decoder& d = decoder_of(common);
  if (d.state.input_scan_number <= kMostScans) return;
  std::snprintf(d.text, sizeof d.text, "more than %d scans", kMostScans);
  std::longjmp(d.out, 1);
}

bool read_header(Decoder& d, std::string_view bytes) {
  if (setjmp(d.out)) return false;
  jpeg_create_decompress(&d.state);
  d.state.client_data = &d;
  d.state.progress = &d.progress;
  jpeg_mem_src(&d.state, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&d.state, TRUE);
  return true;
}

bool read_rows(Decoder& d, uint8_t* to) {
  if (setjmp(d.out)) return false;
  d.state.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&d.state);
  const size_t row = static_cast<size_t>(d.state.output_width) * static_cast<size_t>(d.state.output_components);
  while (d.state.output_scanline < d.state.output_height) {
    JSAMPROW line = to + row * d.state.output_scanline;
    jpeg_read_scanlines(&d.state, &line, 1);
  }
  jpeg_finish_decompress(&d.state);
  return true;
}

}  // namespace

DecodedJpeg decode_any_jpeg(std::string_view bytes, std::string_view whose, uint64_t most, uint64_t most_a_byte) {
  Decoder d = {};
  d.state.err = jpeg_std_error(&d.errors);
  d.state.client_data = &d;
  d.errors.error_exit = leave;
  d.errors.emit_message = on_message;
  d.errors.output_message = on_output;
  d.progress.progress_monitor = on_progress;
  struct Closed {
    Decoder& d;
    ~Closed() { jpeg_destroy_decompress(&d.state); }
  } const closed{d};
  const auto check = [&](bool ok) { require(ok, "{}: damaged or cut JPEG image ({})", whose, d.text); };
  check(read_header(d, bytes));
  const uint64_t rows = d.state.image_height, columns = d.state.image_width;
  require(rows > 0 && columns > 0 && rows <= most / columns && rows * columns / most_a_byte <= bytes.size(),
          "{}: damaged or cut JPEG image ({} bytes cannot hold {} x {} pixels)", whose, bytes.size(), columns, rows);
  const bool grey = d.state.num_components == 1;
  require(grey || d.state.num_components == 3, "{}: a JPEG image of {} components with odd sampling; 1 and 3 are read", whose,
          d.state.num_components);
  d.state.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  DecodedJpeg made{static_cast<int64_t>(rows), static_cast<int64_t>(columns), grey ? 1 : 3, {}};
  made.pixels.resize(rows * columns * static_cast<size_t>(made.channels));
  check(read_rows(d, made.pixels.data()));
  return made;
}

}  // namespace convscope
