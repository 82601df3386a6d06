#include "convscope/models/architecture/write.h"

#include <algorithm>
#include <map>
#include <set>

#include "convscope/graph/ops/leaf.h"
#include "convscope/models/architecture/items.h"

namespace convscope {

namespace {

/** A layer, or a scope with what lies in it. */
struct Part {
  std::string name;  // within the scope it lies in
  const NamedItem* item = nullptr;
  std::vector<Part> inside = {};
};

std::string_view head_of_path(std::string_view path) { return path.substr(0, path.find('.')); }

/** Neighbours under one name become a scope of that name, unless a layer is called so. */
std::vector<Part> parts_of(std::span<const NamedItem> items, size_t skip, const std::set<std::string>& layers) {
  std::vector<Part> parts;
  for (size_t begin = 0; begin < items.size();) {
    const std::string_view rest = std::string_view(items[begin].name).substr(skip), head = head_of_path(rest);
    const std::string scope = items[begin].name.substr(0, skip + head.size());
    size_t end = begin + 1;
    const auto belongs = [&](const NamedItem& i) { return i.name.starts_with(scope + "."); };
    if (belongs(items[begin]) && !layers.contains(scope))
      while (end < items.size() && belongs(items[end])) ++end;
    if (end == begin + 1)
      parts.push_back({std::string(rest), &items[begin]});
    else
      parts.push_back({std::string(head), nullptr, parts_of(items.subspan(begin, end - begin), scope.size() + 1, layers)});
    begin = end;
  }
  return parts;
}

class Writing {
 public:
  explicit Writing(const std::map<Value, std::string>& names) : names_(names) {}

  /** The items of a scope whose names begin with `path`, into which `input` comes; `x` is what the item before gave, and gives. */
  Json list(const std::vector<Part>& parts, const std::string& path, Value input, Value& x) const {
    Json all = json_list();
    for (const Part& part : parts) {
      Json j = part.item ? layer(part, path, input, x) : scope(part, path, input, x);
      if (all.empty() || !repeats(all.back(), j)) all.push_back(std::move(j));
    }
    return all;
  }

 private:
  Json layer(const Part& part, const std::string& path, Value input, Value& x) const {
    Json j = json_object();
    for (const auto& [key, value] : part.item->fields.items()) {
      j[key] = key == "again" ? Json(relative(value.get<std::string>(), path)) : value;
      if (key == "layer") j["name"] = part.name;
    }
    const std::vector<Value>& of = part.item->inputs;
    if (of.size() > 1) {
      Json all = json_list();
      for (const Value v : of) all.push_back(reference(v, path, input));
      j["of"] = all;
    } else if (of.front() != x) {
      j["of"] = reference(of.front(), path, input);
    }
    x = part.item->result;
    return j;
  }

  Json scope(const Part& part, const std::string& path, Value input, Value& x) const {
    Json j{{"name", part.name}};
    const Value into = first_input(part);
    if (into != x) j["of"] = reference(into, path, input);
    x = into;
    Json inside = list(part.inside, path + part.name + ".", into, x);
    // A scope that holds nothing but another one is one of both names.
    if (inside.size() == 1 && inside[0].contains("layers") && !inside[0].contains("of")) {
      Json one = inside[0];
      std::string name = fmt::format("{}.{}", part.name, one["name"].get<std::string>());
      if (one.contains("repeat") && name.ends_with(".#")) name.resize(name.size() - 2);
      one["name"] = name;
      if (j.contains("of")) one["of"] = j["of"];
      return one;
    }
    j["layers"] = std::move(inside);
    return j;
  }

  static Value first_input(const Part& part) { return part.item ? part.item->inputs.front() : first_input(part.inside.front()); }

  static std::string relative(const std::string& full, const std::string& path) {
    return full.starts_with(path) ? full.substr(path.size()) : full;
  }

  std::string reference(Value v, const std::string& path, Value input) const {
    if (v == input) return "input";
    const auto found = names_.find(v);
    require(found != names_.end(), "within '{}' something reads the pictures, which only the outermost layers can", path);
    return relative(found->second, path);
  }

  /** Takes `next` into `before` where it is the same under the next number. */
  static bool repeats(Json& before, const Json& next) {
    if (!before.contains("layers") || !next.contains("layers") || next.contains("of") || next.contains("repeat")) return false;
    if (before["layers"] != next["layers"]) return false;
    const auto [stem, number] = numbered(next["name"].get<std::string>());
    if (number < 0) return false;
    if (before.contains("repeat")) {
      const int64_t first = before.contains("first") ? before["first"].get<int64_t>() : 0;
      if (before["name"] != stem + "#" || first + before["repeat"].get<int64_t>() != number) return false;
      before["repeat"] = before["repeat"].get<int64_t>() + 1;
      return true;
    }
    if (before.contains("of") || numbered(before["name"].get<std::string>()) != std::pair{stem, number - 1}) return false;
    Json run{{"name", stem + "#"}, {"repeat", 2}};
    if (number > 1) run["first"] = number - 1;
    run["layers"] = before["layers"];
    before = std::move(run);
    return true;
  }

  /** "block12" is "block" and 12; −1 where no number is at the end. */
  static std::pair<std::string, int64_t> numbered(const std::string& name) {
    const size_t stem = name.find_last_not_of("0123456789") + 1, digits = name.size() - stem;
    if (digits == 0 || digits > 6 || (digits > 1 && name[stem] == '0') || name.find('#') != std::string::npos) return {name, -1};
    return {name.substr(0, stem), std::stoll(name.substr(stem))};
  }

  const std::map<Value, std::string>& names_;
};

/** Nodes by name: what a graph is, whatever order they stand in. */
std::map<std::string, Json> nodes_of(const Graph& graph) {
  std::map<std::string, Json> all;
  const Json json = to_json(graph);
  for (const Json& node : json["nodes"]) all.emplace(node["name"].get<std::string>(), node);
  return all;
}

/** What the file builds must be the network. */
void require_same(const Graph& network, const Graph& built) {
  const auto wanted = nodes_of(network), made = nodes_of(built);
  for (const auto& [name, node] : wanted) {
    const auto other = made.find(name);
    require(other != made.end(), "its node '{}' ({}) cannot be told by layers", name, shown(node["op"]));
    require(other->second == node, "its node '{}' is {}, and layers make {} of it", name, shown(node), shown(other->second));
  }
  for (const auto& [name, node] : made) require(wanted.contains(name), "layers make a node '{}', which it has not", name);
}

std::string spaces(size_t count) { return std::string(count, ' '); }

/** Whether objects lie within its lists. */
bool nested(const Json& j) {
  if (!j.is_array()) return false;
  return std::any_of(j.begin(), j.end(), [](const Json& item) { return item.is_object() || nested(item); });
}

std::string line_of(const Json& j) {
  std::string line = j.is_array() ? "[" : "{";
  bool first = true;
  for (const auto& [key, value] : j.items()) {
    line += first ? "" : ", ";
    first = false;
    if (j.is_object()) line += Json(key).dump() + ": ";
    line += value.is_structured() ? line_of(value) : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return line + (j.is_array() ? "]" : "}");
}

std::string layout(const Json& j, size_t indent) {
  constexpr size_t kWidth = 140;
  if (!j.is_structured()) return j.dump(-1, ' ', false, Json::error_handler_t::replace);
  const bool has_items = j.is_object() && std::any_of(j.begin(), j.end(), nested);
  const std::string line = line_of(j);
  if (!has_items && !nested(j) && indent + line.size() <= kWidth) return line;
  if (j.is_object() && has_items) {
    // Short fields on one line, the items below.
    std::string out = "{";
    bool first = true, broken = false;
    for (const auto& [key, value] : j.items()) {
      const bool apart = nested(value);
      out += first ? "" : ",";
      out += apart || broken ? "\n" + spaces(indent + 1) : first ? "" : " ";
      out += Json(key).dump() + ": " + layout(value, indent + 1);
      broken = apart;
      first = false;
    }
    return out + "}";
  }
  std::string out = j.is_array() ? "[" : "{";
  bool first = true;
  for (const auto& [key, value] : j.items()) {
    out += fmt::format("{}\n{}", first ? "" : ",", spaces(indent + 1));
    first = false;
    if (j.is_object()) out += Json(key).dump() + ": ";
    out += layout(value, indent + 1);
  }
  return out + (j.is_array() ? "]" : "}");
}

}  // namespace

Architecture architecture_of(const Graph& network, std::string_view whose) {
  try {
    const Items all = items_of(network);
    std::map<Value, std::string> names;
    std::set<std::string> layers;
    for (const NamedItem& item : all.items) {
      names.emplace(item.result, item.name);
      layers.insert(item.name);
    }
    Architecture a;
    const Shape& pixels = network.shape(network.at(kPixels));
    a.image = {pixels[1], pixels[2], pixels[3]};
    a.classes = network.shape(network.output)[1];
    Value x = all.input;
    a.layers = Writing(names).list(parts_of(all.items, 0, layers), "", all.input, x);
    if (x != network.output) a.outputs["logits"] = names.at(network.output);
    const Graph built = build_architecture(a, {pixels[1], pixels[2], pixels[3]}, a.classes, all.preparing, whose);
    require_same(network, built);
    return a;
  } catch (const Error& e) {
    fail("{} cannot be told as a file of layers: {}", whose, e.what());
  }
}

std::string text_of(const Architecture& a) {
  const Json all = fields_to_json(a);
  std::string out = "{";
  bool first = true;
  for (const auto& [key, value] : all.items()) {
    if (value.empty() || (value.is_string() && value.get<std::string>().empty())) continue;
    out += fmt::format("{}\n {}: {}", first ? "" : ",", Json(key).dump(), layout(value, 1));
    first = false;
  }
  return out + "\n}\n";
}

}  // namespace convscope
