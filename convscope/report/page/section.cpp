#include "convscope/report/page/section.h"

namespace convscope {

Json read_result(const Path& file) {
  constexpr uint64_t kMost = 1 << 28;
  return parse_json(printable(read_file(file, kMost)), printable(file.string()));
}

std::string network_on_data(const Json& record) {
  const Json known = with_provenance(record);
  const auto text = [&](const char* key, const char* part) {
    const bool told = known.is_object() && known[key].is_object() && known[key].contains(part) && known[key][part].is_string();
    return told ? known[key][part].get<std::string>() : std::string();
  };
  const std::string network = text("network", "name"), split = text("data", "split");
  const std::string data = text("data", "name") + (split.empty() ? "" : ", " + split);
  return network.empty() || data.empty() ? "" : fmt::format("{} on {}", network, data);
}

}  // namespace convscope
