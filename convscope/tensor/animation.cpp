#include "convscope/tensor/animation.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include <cmath>

namespace convscope {

namespace {

constexpr int kLevel = 2;  // of lossless coding, 0 … 9: a quarter of level 0's bytes on enlarged pixels, and higher ones save no more

struct Delete {
  void operator()(WebPAnimEncoder* encoder) const { WebPAnimEncoderDelete(encoder); }
};

class Picture {
 public:
  Picture(int columns, int rows) {
    require(WebPPictureInit(&picture_) != 0, "libwebp is of another version than its headers");
    picture_.use_argb = 1;
    picture_.width = columns;
    picture_.height = rows;
    require(WebPPictureAlloc(&picture_) != 0, "an animation of {} x {} pixels takes too much memory", columns, rows);
  }
  ~Picture() { WebPPictureFree(&picture_); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  WebPPicture* get() { return &picture_; }

 private:
  WebPPicture picture_;
};

}  // namespace

struct Animation::State {
  int64_t rows, columns;
  double frames_per_second;
  int64_t frames = 0;
  WebPConfig config;
  std::unique_ptr<WebPAnimEncoder, Delete> encoder;

  /** When picture k begins; thirty a second are 33, 33 and 34 ms long by turns. */
  int milliseconds(int64_t k) const { return static_cast<int>(std::llround(1000.0 * static_cast<double>(k) / frames_per_second)); }
  void check(int done) const { require(done != 0, "the animation cannot be encoded: {}", WebPAnimEncoderGetError(encoder.get())); }
};

Animation::Animation(int64_t rows, int64_t columns, double frames_per_second)
    : state_(new State{rows, columns, frames_per_second, 0, {}, nullptr}) {
  require(rows > 0 && columns > 0 && rows <= WEBP_MAX_DIMENSION && columns <= WEBP_MAX_DIMENSION,
          "an animation of {} x {} pixels; 1 to {} a side are possible", columns, rows, WEBP_MAX_DIMENSION);
  require(frames_per_second > 0 && frames_per_second <= 1000, "an animation of {} frames a second; more than 0, at most 1000 were wanted",
          frames_per_second);
  WebPAnimEncoderOptions options;
  require(WebPAnimEncoderOptionsInit(&options) != 0 && WebPConfigInit(&state_->config) != 0,
          "libwebp is of another version than its headers");
  WebPConfigLosslessPreset(&state_->config, kLevel);
  state_->encoder.reset(WebPAnimEncoderNew(static_cast<int>(columns), static_cast<int>(rows), &options));
  require(state_->encoder != nullptr, "an animation of {} x {} pixels takes too much memory", columns, rows);
}

Animation::~Animation() = default;

int64_t Animation::frames() const { return state_->frames; }

void Animation::add(const Image& image) {
  require(image.rows == state_->rows && image.columns == state_->columns, "a picture of {} x {} pixels in an animation of {} x {}",
          image.columns, image.rows, state_->columns, state_->rows);
  Picture picture(static_cast<int>(image.columns), static_cast<int>(image.rows));
  const size_t plane = static_cast<size_t>(image.rows * image.columns), green = image.channels == 3 ? plane : 0;
  WebPPicture& p = *picture.get();
  for (int64_t r = 0; r < image.rows; ++r) {
    uint32_t* row = p.argb + r * p.argb_stride;
    const uint8_t* from = image.pixels.data() + r * image.columns;
    for (int64_t c = 0; c < image.columns; ++c)
      row[c] = 0xff000000u | uint32_t{from[c]} << 16 | uint32_t{from[green + static_cast<size_t>(c)]} << 8 |
               from[2 * green + static_cast<size_t>(c)];
  }
  state_->check(WebPAnimEncoderAdd(state_->encoder.get(), &p, state_->milliseconds(state_->frames), &state_->config));
  ++state_->frames;
}

std::string Animation::finish() {
  require(state_->frames > 0, "an animation of no pictures");
  state_->check(WebPAnimEncoderAdd(state_->encoder.get(), nullptr, state_->milliseconds(state_->frames), nullptr));
  WebPData data;
  WebPDataInit(&data);
  state_->check(WebPAnimEncoderAssemble(state_->encoder.get(), &data));
  std::string bytes(reinterpret_cast<const char*>(data.bytes), data.size);
  WebPDataClear(&data);
  return bytes;
}

}  // namespace convscope
