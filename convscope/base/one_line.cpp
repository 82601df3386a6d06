#include "convscope/base/one_line.h"

namespace convscope {

std::string one_line(std::string text, size_t longest) {
  if (text.size() > longest) {
    text.resize(longest);
    text.append("…");
  }
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  return text;
}

}  // namespace convscope
