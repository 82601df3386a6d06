#include <algorithm>
#include <optional>
#include <set>

#include "convscope/base/join.h"
#include "convscope/base/one_line.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/passes.h"
#include "convscope/models/architecture/architecture.h"
#include "convscope/models/architecture/expression.h"
#include "convscope/nn/layer.h"

namespace convscope {

namespace {

constexpr int kDeepest = 32;            // blocks within blocks
constexpr int64_t kMostItems = 10'000;  // with all repetitions; a long list counts as several
constexpr int64_t kMostRepeats = 1000;  // of one item, and uses of one layer
constexpr size_t kMostBlockOptions = 64;
constexpr int64_t kMostWeights = int64_t{1} << 30;      // numbers in all parameters
constexpr int64_t kMostActivations = int64_t{1} << 31;  // numbers in one result for one image
constexpr size_t kLongestName = 200, kLongestMessage = 800;

using Words = std::vector<std::string>;

/** What an item may have, whatever it is. */
const Words kOfAll{"if", "of"};

bool among(const Words& words, std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); }

void require_known(const Json& item, const Words& known, std::string_view what) {
  for (const auto& [key, value] : item.items())
    if (!among(known, key)) fail("{} has no '{}'{}", what, key, known_names(key, known));
}

Words joined(std::initializer_list<Words> lists) {
  Words all;
  for (const Words& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

/** Parameters of these names are not trained. */
Graph with_frozen(const Graph& graph, const std::set<std::string>& frozen) {
  if (frozen.empty()) return graph;
  Graph made;
  for (const Node& node : graph.nodes()) {
    std::shared_ptr<const Op> op = node.op;
    if (const auto* p = as<ParameterOp>(*op); p && frozen.contains(node.name)) {
      ParameterOptions o = p->get();
      o.trained = false;
      op = std::make_shared<ParameterOp>(std::move(o));
    }
    made.add(node.name, std::move(op), node.inputs);
  }
  made.output = graph.output;
  return made;
}

class Building {
 public:
  Building(const Architecture& a, const Shape& image, int64_t classes) : a_(a), classes_(classes), graph_(image) {}

  Graph build(const Normalization& normalization) {
    const Value x = Normalize(normalization).build(graph_, "normalize", graph_.pixels());
    Scope file{.input = x};
    file.known["classes"] = classes_;
    for (const FieldHelp& o : options_of(a_)) file.known[o.name] = o.initial;
    file_ = file.known;
    const Value last = items(a_.layers, "layers", file, x);
    trail_ = {"outputs"};
    std::vector<Value> answers;
    for (const auto& [name, of] : a_.outputs.items()) answers.push_back(reference(of, file));
    if (answers.empty()) answers.push_back(last);
    trail_.clear();
    return finished(answers);
  }

  /** Where in the file it stands, for a message. */
  std::string place() const { return join(trail_, "."); }

 private:
  /** What the items of a list have in common. */
  struct Scope {
    std::string path = {};      // before each name: "layer1.0."
    Variables known = {};       // by formulas
    Value input = {};           // what came into the block
    bool numbered = false;      // items without a name are called by their number
    int64_t* number = nullptr;  // of the next one
    int depth = 0;
  };
  struct Again {
    std::shared_ptr<const Layer> layer;
    int uses = 1;
  };

  Value items(const Json& list, const std::string& what, const Scope& scope, Value x) {
    require(list.is_array(), "'{}' takes a list of items, got {}", what, shown(list));
    for (size_t i = 0; i < list.size(); ++i) {
      trail_.push_back(fmt::format("{}[{}]", what, i));
      if (const auto y = item(list[i], scope, x)) x = *y;
      trail_.pop_back();
    }
    return x;
  }

  /** Its result; nothing where it is not there. */
  std::optional<Value> item(const Json& j, const Scope& scope, Value x) {
    static const Words kinds{"layer", "again", "layers", "block", "residual"};
    charge(1);
    require(j.is_object(), "an item is a JSON object, got {}", shown(j));
    std::string kind;
    for (const std::string& word : kinds) {
      if (!j.contains(word)) continue;
      require(kind.empty(), "an item with '{}' and '{}'; it is one of them", kind, word);
      kind = word;
    }
    require(!kind.empty(), "an item has one of {}; it has {}", join(kinds, ", "), shown(j));
    std::vector<Value> inputs = inputs_of(j, scope, x);
    const Variables known = known_at(scope.known, inputs.front());
    if (j.contains("if")) {
      const Json there = with_values(j["if"], known);
      require(there.is_boolean(), "'if' is {}; true or false was wanted", shown(there));
      if (!there.get<bool>()) return std::nullopt;
    }
    if (kind == "layer") return layer(j, scope, known, std::move(inputs));
    require(inputs.size() == 1, "'of' names {} items; only a layer that joins several reads them", inputs.size());
    if (kind == "again") return again(j, scope, inputs.front());
    if (kind == "residual") return residual(j, scope, inputs.front());
    return group(j, kind == "block", scope, inputs.front());
  }

  /** A small file that repeats much is refused before it takes long. */
  void charge(int64_t items) {
    count_ += items;
    require(count_ <= kMostItems, "more than {} items, repeated ones and long lists counted", kMostItems);
  }

  /** What it costs to read a value, in items. */
  static int64_t cost(const Json& j) {
    constexpr int64_t kShort = 100;
    if (j.is_string()) return static_cast<int64_t>(j.get_ref<const std::string&>().size()) / kShort;
    int64_t sum = static_cast<int64_t>(j.size()) / kShort;
    if (j.is_structured())
      for (const Json& inner : j)
        if (!inner.is_number()) sum += cost(inner);
    return sum;
  }

  Value layer(const Json& j, const Scope& scope, const Variables& known, std::vector<Value> inputs) {
    const Json kind = with_values(j["layer"], known);
    require(kind.is_string(), "'layer' is {}; the name of one was wanted (`convscope list layers`)", shown(kind));
    const Entry<Layer>& entry = layers().at(kind.get<std::string>());
    Words names;
    for (const FieldHelp& o : entry.options) names.push_back(o.name);
    const Words own{"layer", "name", "frozen"};
    require_known(j, joined({names, own, kOfAll}), entry.name);
    Json options = json_object();
    for (const auto& [key, value] : j.items()) {
      if (!among(names, key)) continue;
      charge(cost(value));
      options[key] = with_values(value, known);
    }
    const std::shared_ptr<const Layer> made = entry.make(options);
    const std::string name = named(j, scope, entry.name);
    const Value y = made->join(graph_, name, std::move(inputs));
    again_[name] = {made};
    if (j.contains("frozen")) freeze(j["frozen"], name);
    return keep(name, y);
  }

  void freeze(const Json& roles, const std::string& name) {
    charge(cost(roles));
    require(roles.is_array(), "'frozen' takes a list of parameters, got {}", shown(roles));
    for (const Json& role : roles) {
      require(role.is_string(), "'frozen' takes names of parameters such as \"weight\", got {}", shown(role));
      frozen_.insert(fmt::format("{}.{}", name, role.get<std::string>()));
    }
  }

  /** The layer once more; its node is called NAME.2 and so on. */
  Value again(const Json& j, const Scope& scope, Value x) {
    require_known(j, joined({{"again"}, kOfAll}), "'again'");
    require(j["again"].is_string(), "'again' is {}; the name of a layer was wanted", shown(j["again"]));
    const std::string name =
        full_name(j["again"].get<std::string>(), scope, [&](const std::string& full) { return again_.contains(full); });
    Again& before = again_.at(name);
    require(before.uses < kMostRepeats, "'{}' is used {} times; no more are possible", name, before.uses);
    std::string called;
    do called = fmt::format("{}.{}", name, ++before.uses);
    while (values_.contains(called));
    // What it draws, it draws anew.
    return keep(called, before.layer->build(graph_, before.layer->draws() ? called : name, x));
  }

  Value residual(const Json& j, const Scope& scope, Value x) {
    require_known(j, joined({{"residual", "shortcut", "name"}, kOfAll}), "'residual'");
    const Scope inside = deeper(scope);
    const Value y = items(j["residual"], "residual", inside, x);
    const Value way = j.contains("shortcut") ? items(j["shortcut"], "shortcut", inside, x) : x;
    const std::string name = named(j, scope, "add");
    return keep(name, graph_.add<AddOp>(name, {}, {y, way}));
  }

  Value group(const Json& j, bool is_block, const Scope& scope, Value x) {
    const Words own{"name", "repeat", "first"};
    Json defaults = json_object();
    int64_t repeated_cost = 1;
    const Json* body = &j;
    if (is_block) {
      body = &definition(j["block"]);
      if (body->contains("options")) defaults = (*body)["options"];
      require(defaults.is_object(), "the block's 'options' are {}; a JSON object was wanted", shown(defaults));
      Words names;
      require(defaults.size() <= kMostBlockOptions, "a block of {} options; at most {} are possible", defaults.size(), kMostBlockOptions);
      for (const auto& [name, value] : defaults.items()) names.push_back(name);
      const Words structure = joined({{"block"}, own, kOfAll});
      for (const std::string& name : names)
        require(!among(structure, name) && !has_a_meaning(name), "a block's option cannot be called '{}'", name);
      for (const auto& [name, value] : defaults.items()) repeated_cost += cost(j.contains(name) ? j[name] : value);
      require_known(j, joined({names, structure}), fmt::format("block {}", shown(j["block"])));
    } else {
      require_known(j, joined({{"layers", "numbered"}, own, kOfAll}), "'layers'");
    }
    const Variables known = known_at(scope.known, x);
    const int64_t first = whole(j, "first", known, 0, kMostItems, 0);
    const int64_t repeat = whole(j, "repeat", known, 0, kMostRepeats, 1);
    for (int64_t i = 0; i < repeat; ++i) {
      charge(repeated_cost);
      int64_t own_number = 0;
      Scope inside = deeper(scope);
      if (j.contains("repeat")) inside.known["index"] = i;
      if (is_block) inside.known = block_values(j, defaults, inside.known, x);
      const bool numbered = body->contains("numbered") && truth((*body)["numbered"]);
      std::string name = given_name(j);
      if (!name.empty()) {
        name = scope.path + numbered_name(name, scope, first + i, j.contains("repeat"));
        inside.path = name + ".";
      }
      if (is_block || !name.empty()) inside.input = x;
      if (!name.empty() || (numbered && !scope.numbered)) {
        inside.numbered = numbered;
        inside.number = &own_number;
      }
      require((*body).contains("layers"), "a block has 'layers'; it has {}", shown(*body));
      x = items((*body)["layers"], is_block ? fmt::format("block {}", shown(j["block"])) : "layers", inside, x);
      if (name.empty()) continue;
      require(!values_.contains(name), "a second item is called '{}'; another name was wanted", name);
      values_.emplace(name, x);
    }
    return x;
  }

  const Json& definition(const Json& name) const {
    require(name.is_string(), "'block' is {}; the name of one was wanted", shown(name));
    const auto found = a_.blocks.find(name.get<std::string>());
    if (found == a_.blocks.end()) {
      Words names;
      for (const auto& [known, body] : a_.blocks.items()) names.push_back(known);
      fail("no block {}{}", shown(name), known_names(name.get<std::string>(), names));
    }
    require(found->is_object(), "block {} is {}; a JSON object was wanted", shown(name), shown(*found));
    require_known(*found, {"options", "numbered", "layers"}, fmt::format("block {}", shown(name)));
    return *found;
  }

  /** The file's names and the block's own; an option that is not given may follow from those before it. */
  Variables block_values(const Json& j, const Json& defaults, const Variables& outside, Value x) const {
    Variables inside = file_;
    if (const auto index = outside.find("index"); index != outside.end()) inside.insert(*index);
    for (const auto& [name, initial] : defaults.items())
      inside[name] = j.contains(name) ? with_values(j[name], known_at(outside, x)) : with_values(initial, known_at(inside, x));
    return inside;
  }

  std::vector<Value> inputs_of(const Json& j, const Scope& scope, Value x) const {
    if (!j.contains("of")) return {x};
    const auto one_of = [&](const Json& name) { return name == "last" ? x : reference(name, scope); };
    const Json& of = j["of"];
    if (!of.is_array()) return {one_of(of)};
    constexpr size_t kMostInputs = 1000;
    require(!of.empty() && of.size() <= kMostInputs, "'of' is a list of {}; 1 to {} items are possible", of.size(), kMostInputs);
    std::vector<Value> all;
    for (const Json& one : of) all.push_back(one_of(one));
    return all;
  }

  Value reference(const Json& of, const Scope& scope) const {
    require(of.is_string(), "'of' is {}; the name of an item was wanted, or a list of names", shown(of));
    const std::string name = of.get<std::string>();
    if (name == "input") return scope.input;
    return values_.at(full_name(name, scope, [&](const std::string& full) { return values_.contains(full); }));
  }

  /** Of the item of that name here, or in what lies around. */
  template <typename Known>
  std::string full_name(const std::string& name, const Scope& scope, Known known) const {
    for (std::string path = scope.path;;) {
      if (known(path + name)) return path + name;
      if (path.empty()) break;
      path.pop_back();
      const size_t dot = path.rfind('.');
      path.resize(dot == std::string::npos ? 0 : dot + 1);
    }
    Words names{"input", "last"};
    constexpr size_t kShown = 30;
    for (const auto& [full, v] : values_)
      if (full.starts_with(scope.path) && names.size() < kShown) names.push_back(full.substr(scope.path.size()));
    fail("no item '{}' stands before it{}", name, known_names(name, names));
  }

  static std::string given_name(const Json& j) {
    if (!j.contains("name")) return "";
    require(j["name"].is_string(), "'name' is {}; text was wanted", shown(j["name"]));
    std::string name = j["name"].get<std::string>();
    require(!name.empty() && name.size() <= kLongestName && name != "input" && name != "last", "an item cannot be called {}",
            shown(j["name"]));
    return name;
  }

  static std::string numbered_name(const std::string& name, const Scope& scope, int64_t number, bool repeated) {
    const size_t mark = name.find('#');
    if (mark == std::string::npos) return repeated ? fmt::format("{}.{}", name, number) : name;
    return name.substr(0, mark) + std::to_string(scope.numbered ? (*scope.number)++ : number) + name.substr(mark + 1);
  }

  /** The full name of a layer, which nothing else has. */
  std::string named(const Json& j, const Scope& scope, const std::string& otherwise) {
    std::string name = given_name(j);
    if (name.empty() && scope.numbered) name = "#";
    if (!name.empty()) {
      name = scope.path + numbered_name(name, scope, 0, false);
      require(!values_.contains(name), "a second item is called '{}'; another name was wanted, or `again` for the same weights", name);
      return name;
    }
    name = scope.path + otherwise;
    std::string free = name;
    for (int& i = tried_[name]; values_.contains(free); free = fmt::format("{}.{}", name, ++i)) i = std::max(i, 1);
    return free;
  }

  Value keep(const std::string& name, Value y) {
    require(graph_.shape(y).size() <= kMostActivations, "'{}' gives {} numbers for an image; at most {} are made room for", name,
            graph_.shape(y).size(), kMostActivations);
    values_.insert_or_assign(name, y);
    return y;
  }

  Scope deeper(const Scope& scope) const {
    Scope inside = scope;
    require(++inside.depth <= kDeepest, "blocks lie more than {} deep within each other", kDeepest);
    return inside;
  }

  Variables known_at(Variables known, Value x) const {
    const Shape& s = graph_.shape(x);
    known["channels"] = s.rank() > 1 ? s[1] : 1;
    known["rows"] = s.rank() > 3 ? s[2] : 1;
    known["columns"] = s.rank() > 3 ? s[3] : 1;
    return known;
  }

  static bool truth(const Json& j) {
    require(j.is_boolean(), "'numbered' is {}; true or false was wanted", shown(j));
    return j.get<bool>();
  }

  static int64_t whole(const Json& j, const char* key, const Variables& known, int64_t least, int64_t most, int64_t otherwise) {
    if (!j.contains(key)) return otherwise;
    const Json v = with_values(j[key], known);
    require(v.is_number_integer() && v.get<int64_t>() >= least && v.get<int64_t>() <= most, "'{}' is {}; {} to {} are possible", key,
            shown(v), least, most);
    return v.get<int64_t>();
  }

  Graph finished(const std::vector<Value>& answers) {
    const Value answer = answers.front();
    const Shape logits = graph_.shape(answer);
    require(logits.rank() == 2, "its answer is {}; logits [1, classes] were wanted: a linear layer of `=classes` features at the end",
            logits);
    require(logits[1] == classes_, "its answer has {} numbers, {} classes were asked for; \"=classes\" in its last layer fits any count",
            logits[1], classes_);
    Graph graph = std::move(graph_).finish(answer);
    std::set<std::string> parameters_there;
    int64_t weights = 0;
    for (const ParameterInfo& p : parameters(graph)) {
      parameters_there.insert(p.name);
      weights += p.shape.size();
    }
    require(weights <= kMostWeights, "its parameters are {} numbers; at most {} are made room for", weights, kMostWeights);
    for (const std::string& name : frozen_)
      if (!parameters_there.contains(name)) {
        const Words all(parameters_there.begin(), parameters_there.end());
        fail("'frozen': no parameter '{}'; did you mean '{}'?", name, nearest(name, all));
      }
    const auto readers = graph.readers();
    for (size_t i = 0; i < readers.size(); ++i) {
      const Value v{static_cast<int>(i), 0};
      if (readers[i].empty() && std::find(answers.begin(), answers.end(), v) == answers.end())
        fail("nothing reads '{}'; leave it out, or name it among the `outputs`", graph.name(v));
    }
    if (answers.size() > 1) graph = prune(graph, {graph.name(answer)});
    return with_frozen(graph, frozen_);
  }

  const Architecture& a_;
  int64_t classes_;
  Builder graph_;
  Variables file_;
  std::map<std::string, Value> values_;  // results of items by their full names
  std::map<std::string, Again> again_;   // layers, likewise
  std::map<std::string, int> tried_;     // numbers behind names that layers without a name have been given
  std::set<std::string> frozen_;         // parameters
  std::vector<std::string> trail_;       // to the item that is being built; it stays where an error ends all
  int64_t count_ = 0;
};

}  // namespace

Graph build_architecture(const Architecture& a, const Shape& image, int64_t classes, const Normalization& normalization,
                         std::string_view whose) {
  require(image.rank() == 3 && image.size() > 0, "pictures of shape {}; [channels, rows, columns] were wanted", image);
  require(classes >= 1, "a network for {} classes; at least 1 was wanted", classes);
  Building building(a, image, classes);
  try {
    return building.build(normalization);
  } catch (const Error& e) {
    const std::string place = building.place();
    throw Error(one_line(fmt::format("{}: {}{}{}", whose, place, place.empty() ? "" : ": ", e.what()), kLongestMessage));
  }
}

}  // namespace convscope
