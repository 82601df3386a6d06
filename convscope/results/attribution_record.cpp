#include "convscope/results/attribution_record.h"

#include <cctype>

#include "convscope/results/inspection.h"

namespace convscope {

void AttributionMap::check(std::string_view whose) const {
  for (const std::string& file : {input, png, npy}) require_beside(file, whose);
}

std::string folder_name_of(std::string_view method) {
  std::string name;
  for (const char c : method) name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '-';
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "method" : name.substr(0, 100);
}

}  // namespace convscope
