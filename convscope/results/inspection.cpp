#include "convscope/results/inspection.h"

#include <algorithm>

#include "convscope/base/error.h"

namespace convscope {

Path inspection_file(const Path& folder, std::string_view kind) { return folder / fmt::format("{}.json", kind); }

std::vector<Path> inspections(const Path& results, std::string_view kind) {
  std::vector<Path> all;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(results / kInspections, none))
    if (entry.path().filename().string().starts_with(fmt::format("{}-", kind)) &&
        std::filesystem::exists(inspection_file(entry.path(), kind), none))
      all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

void require_beside(const std::string& file, std::string_view whose) {
  require(file.find_first_of("/\\") == std::string::npos && file.find('\0') == std::string::npos && !file.starts_with('.'),
          "{}: the file '{}' does not lie beside it", whose, file);
}

std::string csv_cell(std::string_view text) {
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + "\"";
}

}  // namespace convscope
