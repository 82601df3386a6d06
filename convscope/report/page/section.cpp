#include "convscope/report/page/section.h"

namespace convscope {

Json read_result(const Path& file) {
  constexpr uint64_t kMost = 1 << 28;
  return parse_json(printable(read_file(file, kMost)), printable(file.string()));
}

std::string network_on_data(const Json& result, const char* network, const char* data) {
  const auto text = [&](const char* key) {
    return result.is_object() && result.contains(key) && result[key].is_string() ? result[key].get<std::string>() : "";
  };
  return text(network).empty() || text(data).empty() ? "" : fmt::format("{} on {}", text(network), text(data));
}

}  // namespace convscope
