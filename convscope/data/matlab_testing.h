#pragma once

/** A MATLAB file like the meta.mat of ImageNet's devkit. Not installed. */

#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace convscope::testing_data {

namespace matlab {
inline std::string number(uint32_t value) {
  std::string bytes;
  for (const int shift : {0, 8, 16, 24}) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

inline std::string element(uint32_t type, const std::string& bytes) {
  const std::string padding((8 - bytes.size() % 8) % 8, '\0');
  return number(type) + number(static_cast<uint32_t>(bytes.size())) + bytes + padding;
}

/** Up to four bytes in the space of a tag. */
inline std::string small_element(uint32_t type, std::string bytes) {
  const uint32_t length = static_cast<uint32_t>(bytes.size());
  bytes.resize(4, '\0');
  return number(type | length << 16) + bytes;
}

inline std::string matrix(uint32_t array_class, uint32_t rows, uint32_t columns, const std::string& name, const std::string& rest) {
  return element(14, element(6, number(array_class) + number(0)) + element(5, number(rows) + number(columns)) + element(1, name) + rest);
}
}  // namespace matlab

/** `synsets`, an array of structures with ILSVRC2012_ID (a double, stored in 16 bits), WNID (text) and children (empty). */
inline std::string matlab_synsets(const std::vector<std::pair<int, std::string>>& synsets, bool compressed) {
  using namespace matlab;
  constexpr size_t kWidth = 32;
  std::string names;
  for (const char* name : {"ILSVRC2012_ID", "WNID", "children"}) {
    names += name;
    names.resize((names.size() + kWidth - 1) / kWidth * kWidth, '\0');
  }
  std::string values;
  for (const auto& [id, wordnet] : synsets) {
    const std::string two = number(static_cast<uint32_t>(id)).substr(0, 2);
    std::string letters;  // MATLAB's are of 16 bits
    for (const char c : wordnet) letters += {c, '\0'};
    values += matrix(6, 1, 1, "", small_element(4, two));
    values += matrix(4, 1, static_cast<uint32_t>(wordnet.size()), "", element(4, letters));
    values += matrix(6, 0, 0, "", element(9, ""));
  }
  const std::string array = matrix(2, static_cast<uint32_t>(synsets.size()), 1, "synsets",
                                   small_element(5, number(static_cast<uint32_t>(kWidth))) + element(1, names) + values);
  std::string file = "MATLAB 5.0 MAT-file, made for a test";
  file.resize(124, ' ');
  file += std::string("\x00\x01IM", 4);
  if (!compressed) return file + array;
  uLongf size = compressBound(static_cast<uLong>(array.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(array.data()), static_cast<uLong>(array.size()));
  packed.resize(size);
  return file + number(15) + number(static_cast<uint32_t>(size)) + packed;
}

}  // namespace convscope::testing_data
