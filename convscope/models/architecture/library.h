#pragma once

#include <span>
#include <string_view>

namespace convscope {

/** A file of the folder architectures/, which is in the program. */
struct ArchitectureText {
  std::string_view name;  // "vgg11"
  std::string_view text;
};
std::span<const ArchitectureText> architecture_texts();

}  // namespace convscope
