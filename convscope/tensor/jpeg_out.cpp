#include "convscope/tensor/jpeg_out.h"

#include <turbojpeg.h>

#include <memory>

#include "convscope/base/error.h"

namespace convscope {

std::string encode_jpeg(const Image& image, int quality) {
  const auto closed = [](void* t) { tjDestroy(t); };
  const std::unique_ptr<void, decltype(closed)> turbo(tjInitCompress(), closed);
  require(turbo != nullptr, "TurboJPEG cannot start: {}", tjGetErrorStr2(nullptr));
  const size_t plane = static_cast<size_t>(image.rows * image.columns), channels = static_cast<size_t>(image.channels);
  std::string pixels(plane * channels, '\0');
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < plane; ++i) pixels[i * channels + c] = static_cast<char>(image.pixels[c * plane + i]);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool grey = channels == 1;
  const int failed = tjCompress2(turbo.get(), reinterpret_cast<const unsigned char*>(pixels.data()), static_cast<int>(image.columns), 0,
                                 static_cast<int>(image.rows), grey ? TJPF_GRAY : TJPF_RGB, &bytes, &size, grey ? TJSAMP_GRAY : TJSAMP_420,
                                 quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> held(bytes, tjFree);
  require(failed == 0, "a picture cannot be written as JPEG: {}", tjGetErrorStr2(turbo.get()));
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)};
}

}  // namespace convscope
