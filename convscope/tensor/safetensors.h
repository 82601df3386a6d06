#pragma once

#include <map>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Named tensors and text about them: the content of a .safetensors file. Names are sorted, so equal content gives equal bytes. */
struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/**
 * Reads the safetensors format (8-byte header length, JSON header, numbers). F32 is taken as it is; F16, BF16 and F64 become F32, I64 and
 * U8 too where every number is exact. Anything that does not add up (a header of absurd size or depth, ranges outside the file, shapes that
 * disagree with their range, tensors that together have more bytes than the file, unknown types) is an error that names what it is about.
 */
TensorFile parse_safetensors(std::string_view bytes, std::string_view whose);
TensorFile read_safetensors(const Path& path);

/** Whole or not at all. */
void write_safetensors(const Path& path, const TensorFile& content);

}  // namespace convscope
