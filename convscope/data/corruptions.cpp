#include "convscope/data/corruption.h"
#include "convscope/data/corruptions/blur.h"
#include "convscope/data/corruptions/digital.h"
#include "convscope/data/corruptions/light.h"
#include "convscope/data/corruptions/noise.h"
#include "convscope/data/corruptions/spatter.h"
#include "convscope/data/corruptions/weather.h"

namespace convscope {

namespace {

template <typename T>
Entry<Corruption> row(std::string name, std::string summary) {
  return {name, std::move(summary), {}, [name](const Json& options) -> std::unique_ptr<Corruption> {
            (void)fields_from_json<NoOptions>(options, name);
            return std::make_unique<T>();
          }};
}

}  // namespace

const Table<Corruption>& corruptions() {
  static const Table<Corruption> table{"corruption",
                                       {
                                           row<GaussianNoise>("gaussian_noise", "noise of one strength on every number"),
                                           row<ShotNoise>("shot_noise", "few photons: noise that grows with the light"),
                                           row<ImpulseNoise>("impulse_noise", "some numbers black or white"),
                                           row<DefocusBlur>("defocus_blur", "a lens out of focus"),
                                           row<GlassBlur>("glass_blur", "frosted glass: neighbours in each other's place"),
                                           row<MotionBlur>("motion_blur", "a camera that moves"),
                                           row<ZoomBlur>("zoom_blur", "a lens that zooms"),
                                           row<Snow>("snow", "flakes on a whitened picture"),
                                           row<Frost>("frost", "ice on the lens, from textures of our own"),
                                           row<Fog>("fog", "a plasma of grey, the rest dimmer"),
                                           row<Brightness>("brightness", "more light"),
                                           row<Contrast>("contrast", "all nearer to the mean"),
                                           row<ElasticTransform>("elastic_transform", "stretched and rippled"),
                                           row<Pixelate>("pixelate", "larger cells"),
                                           row<JpegCompression>("jpeg_compression", "JPEG of low quality"),
                                           row<SpeckleNoise>("speckle_noise", "noise as strong as the light; not counted by benchmarks"),
                                           row<GaussianBlur>("gaussian_blur", "a Gaussian; not counted by benchmarks"),
                                           row<Spatter>("spatter", "drops of water or mud; not counted by benchmarks"),
                                           row<Saturate>("saturate", "less or more colour; not counted by benchmarks"),
                                       }};
  return table;
}

}  // namespace convscope
