#include "convscope/tensor/animation.h"

#include <webp/demux.h>

#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"

namespace convscope {
namespace {

Image noise(int64_t channels, int64_t rows, int64_t columns, uint64_t number) {
  Image image{channels, rows, columns, std::vector<uint8_t>(static_cast<size_t>(channels * rows * columns))};
  const RandomStream random(4, "pictures of an animation");
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(255 * random.uniform(i, number));
  return image;
}

struct Decoded {
  std::vector<Image> frames;
  std::vector<int> ends_ms;
};

/** By libwebp's own decoder. */
Decoded decoded(const std::string& bytes) {
  const WebPData data{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  WebPAnimDecoder* decoder = WebPAnimDecoderNew(&data, nullptr);
  WebPAnimInfo info;
  if (!decoder || !WebPAnimDecoderGetInfo(decoder, &info)) fail("not an animation");
  Decoded all;
  while (WebPAnimDecoderHasMoreFrames(decoder)) {
    uint8_t* rgba = nullptr;
    int end = 0;
    if (!WebPAnimDecoderGetNext(decoder, &rgba, &end)) fail("a frame cannot be decoded");
    const size_t plane = size_t{info.canvas_width} * info.canvas_height;
    Image image{3, info.canvas_height, info.canvas_width, std::vector<uint8_t>(3 * plane)};
    for (size_t i = 0; i < plane; ++i)
      for (size_t c = 0; c < 3; ++c) image.pixels[c * plane + i] = rgba[4 * i + c];
    all.frames.push_back(image);
    all.ends_ms.push_back(end);
  }
  WebPAnimDecoderDelete(decoder);
  return all;
}

TEST(AnAnimation, ComesOutAsItWentIn) {
  Animation animation(18, 31);
  std::vector<Image> frames;
  for (uint64_t k = 0; k < 7; ++k) {
    frames.push_back(noise(3, 18, 31, k));
    animation.add(frames.back());
  }
  EXPECT_EQ(animation.frames(), 7);
  const Decoded back = decoded(animation.finish());
  EXPECT_EQ(back.frames, frames);
  EXPECT_EQ(back.ends_ms, (std::vector<int>{33, 67, 100, 133, 167, 200, 233}));
}

TEST(AnAnimation, ShowsGreyPicturesAndLetsEqualOnesStand) {
  Animation animation(5, 4, 10);
  const Image grey = noise(1, 5, 4, 0);
  animation.add(grey);
  animation.add(grey);
  animation.add(noise(1, 5, 4, 1));
  const Decoded back = decoded(animation.finish());
  ASSERT_EQ(back.frames.size(), 2u);
  EXPECT_EQ(back.frames[0], with_channels(grey, 3));
  EXPECT_EQ(back.ends_ms, (std::vector<int>{200, 300}));
}

TEST(AnAnimation, OfEqualPicturesIsEqualBytes) {
  const auto made = [] {
    Animation animation(6, 6);
    for (uint64_t k = 0; k < 3; ++k) animation.add(noise(3, 6, 6, k));
    return animation.finish();
  };
  EXPECT_EQ(made(), made());
}

TEST(AnAnimation, RefusesWhatDoesNotFit) {
  Animation animation(6, 6);
  EXPECT_THROW_SAYING(animation.add(noise(3, 6, 5, 0)), "5 x 6 pixels in an animation of 6 x 6");
  EXPECT_THROW_SAYING(animation.finish(), "no pictures");
  EXPECT_THROW_SAYING(Animation(6, 20000), "16383");
  EXPECT_THROW_SAYING(Animation(6, 6, 0), "frames a second");
}

}  // namespace
}  // namespace convscope
