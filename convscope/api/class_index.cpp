#include "convscope/api/class_index.h"

#include <map>
#include <set>

#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/data/relabelled.h"
#include "convscope/train/evaluator.h"

namespace convscope {

ClassIndex read_class_index(const Path& path, size_t wanted) {
  constexpr uint64_t kMostBytes = 1 << 26;
  std::string text = read_file(path, kMostBytes);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // a byte-order mark, as Windows writes it
  ClassIndex index;
  bool columns = true;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::vector<std::string_view> parts = split(line, '\t');
    columns = columns && parts.size() == 3 && parts[0] == std::to_string(index.names.size());
    if (columns) index.ids.emplace_back(parts[1]);
    index.names.push_back(utf8_of(line));
    begin = end + 1;
  }
  while (!index.names.empty() && index.names.back().empty() && index.names.size() > wanted) index.names.pop_back();  // blank lines behind
  require(index.names.size() == wanted, "{}: {} lines for a network with {} classes; one name a line was wanted", path.string(),
          index.names.size(), wanted);
  if (!columns) index.ids.clear();
  if (columns)
    for (std::string& name : index.names) name = std::string(split(name, '\t')[2]);
  return index;
}

std::shared_ptr<const Dataset> with_classes_of(std::shared_ptr<const Dataset> data, ClassIndex network, const Path& folder) {
  if (data->classes() == network.names) return data;
  if (only_numbered(network.names) && network.ids.empty()) {
    std::error_code ignored;
    for (const Path& file : {folder / "classes.txt", std::filesystem::absolute(folder).lexically_normal().parent_path() / "classes.txt"}) {
      if (data->classes().size() == network.names.size() || !std::filesystem::exists(file, ignored)) continue;
      network = read_class_index(file, network.names.size());
      break;
    }
  }
  std::map<std::string_view, int64_t> places;
  const std::vector<std::string>& known = network.ids.empty() ? network.names : network.ids;
  std::set<std::string_view> twice;
  for (size_t i = 0; i < known.size(); ++i)
    if (!places.emplace(known[i], static_cast<int64_t>(i)).second) twice.insert(known[i]);
  std::vector<int64_t> index;
  for (const std::string& name : data->classes()) {
    const auto it = places.find(name);
    if (it == places.end()) return data;
    require(!twice.contains(name),
            "two of the network's classes are called '{}', and so is a folder of {}; lines `index id name` with ids for folders tell them "
            "apart",
            name, folder.string());
    index.push_back(it->second);
  }
  return std::make_shared<Relabelled>(std::move(data), std::move(index), std::move(network.names));
}

}  // namespace convscope
