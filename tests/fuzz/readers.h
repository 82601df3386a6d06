#pragma once

/**
 * All that reads foreign bytes, by name. libFuzzer targets, the replayed corpus and its maker go by this table; a new reader is a row here
 * and a folder corpus/NAME.
 */

#include <span>
#include <string_view>

namespace convscope {

struct FuzzReader {
  std::string_view name;
  void (*read)(std::string_view bytes);  // reads all, or throws an Error
};

std::span<const FuzzReader> fuzz_readers();
const FuzzReader& fuzz_reader(std::string_view name);

}  // namespace convscope
