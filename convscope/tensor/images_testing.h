#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "convscope/base/json.h"
#include "convscope/tensor/image.h"
#include "convscope/tensor/safetensors.h"

namespace convscope::testing_images {

/** tests/fixtures/images.safetensors: what Pillow and NumPy say; tools/make_image_fixtures.py describes it. */
inline const TensorFile& fixtures() {
  static const TensorFile file = read_safetensors(Path(CONVSCOPE_FIXTURES) / "images.safetensors");
  return file;
}

/** The cases of a kind. */
inline std::vector<Json> cases(std::string_view kind) {
  std::vector<Json> all;
  for (const Json& c : parse_json(fixtures().metadata.at("cases"), "cases"))
    if (c["kind"] == kind) all.push_back(c);
  require(!all.empty(), "the fixtures hold no case of the kind '{}'", kind);
  return all;
}

inline const Tensor& tensor(const Json& name) { return fixtures().tensors.at(name.get<std::string>()); }

inline Image picture(const Json& name) {
  const Tensor& t = tensor(name);
  Image image{t.shape()[0], t.shape()[1], t.shape()[2], {}};
  for (const float v : t.span()) image.pixels.push_back(static_cast<uint8_t>(v));
  return image;
}

inline std::string bytes(const Json& name) {
  std::string all;
  for (const float v : tensor(name).span()) all += static_cast<char>(static_cast<uint8_t>(v));
  return all;
}

/** Real photos with what Pillow makes of them; nothing where this machine does not have them. */
struct Photo {
  std::string path, bytes, decoded, prepared;
};
template <typename Bytes>
std::string fnv1a(const Bytes& data) {
  uint64_t value = 0xcbf29ce484222325;
  for (const auto byte : data) value = (value ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  return fmt::format("{:016x}", value);
}
inline std::vector<Photo> photos() {
  std::vector<Photo> all;
  const char* root = std::getenv("CONVSCOPE_DATA");
  const Path list = Path(CONVSCOPE_FIXTURES) / "images-photos.json";
  if (root == nullptr) return all;
  for (const Json& p : parse_json(read_file(list), list.string())) {
    const Path path = Path(root) / p["file"].get<std::string>();
    if (!std::filesystem::exists(path) || fnv1a(read_file(path)) != p["bytes"].get<std::string>()) continue;
    all.push_back({path.string(), p["bytes"], p["decoded"], p["prepared"]});
  }
  return all;
}

}  // namespace convscope::testing_images
