#include "convscope/models/foreign/adopt.h"

#include <algorithm>
#include <vector>

#include "convscope/base/join.h"
#include "convscope/models/foreign/torch_file.h"

namespace convscope {

namespace {

constexpr std::string_view kTorchEndings[] = {".pt", ".pth", ".th", ".pth.tar"};

/** Put before every name by DataParallel, by torch.compile, and by programs that keep the network as a member. */
constexpr std::string_view kWrappers[] = {"module.", "_orig_mod.", "model.", "net.", "network."};

/** Another word for a part of a name, and ours in the sense of this file alone: both sides are spelled anew before they are compared. */
struct Synonym {
  std::string_view theirs, ours;
};
constexpr Synonym kSynonyms[] = {
    {"fc", "linear"},           {"dense", "linear"},    {"classifier", "linear"}, {"head", "linear"},
    {"shortcut", "downsample"}, {"skip", "downsample"}, {"norm", "bn"},           {"batchnorm", "bn"},
};

bool is_counter(std::string_view name) { return name == "num_batches_tracked" || name.ends_with(".num_batches_tracked"); }

/** `layer2.0.shortcut.1.weight` → `layer2.0.downsample.1.weight`, `fc1.bias` → `linear1.bias`: a part may end in digits. */
std::string spelled(std::string_view name) {
  std::string all;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    const size_t letters = part.find_last_not_of("0123456789") + 1;
    const auto* known =
        std::find_if(std::begin(kSynonyms), std::end(kSynonyms), [&](const Synonym& s) { return s.theirs == part.substr(0, letters); });
    if (begin > 0) all += '.';
    all += known != std::end(kSynonyms) ? known->ours : part.substr(0, letters);
    all += part.substr(letters);
    begin = end + 1;
  }
  return all;
}

using Tensors = std::map<std::string, Tensor>;

/** The prefix all names have, as long as one of the known wrappers is on the outside. */
std::string shared_wrappers(const Tensors& tensors) {
  std::string prefix;
  for (bool found = !tensors.empty(); found;) {
    found = false;
    for (const std::string_view wrapper : kWrappers) {
      const std::string longer = prefix + std::string(wrapper);
      if (!std::all_of(tensors.begin(), tensors.end(), [&](const auto& t) { return t.first.starts_with(longer); })) continue;
      prefix = longer;
      found = true;
      break;
    }
  }
  return prefix;
}

/** The first few names of a kind, since a network has hundreds. */
class Complaint {
 public:
  explicit Complaint(std::string what) : what_(std::move(what)) {}
  void add(std::string_view name, std::string_view tail = "") {
    constexpr size_t kShown = 4;
    if (++count_ <= kShown) few_.push_back(fmt::format("{}{}", shown(Json(std::string(name))), tail));
  }
  std::string text() const {
    if (count_ == 0) return "";
    return fmt::format("; {} {}: {}{}", count_, what_, join(few_, ", "),
                       count_ > few_.size() ? fmt::format(" and {} more", count_ - few_.size()) : "");
  }

 private:
  std::string what_;
  size_t count_ = 0;
  std::vector<std::string> few_;
};

/** Their tensors under our spelling; the name they had is kept for the messages. */
struct Foreign {
  std::string name;
  Tensor* tensor;
};
std::multimap<std::string, Foreign> by_spelling(Tensors& tensors) {
  const size_t prefix = shared_wrappers(tensors).size();
  std::multimap<std::string, Foreign> all;
  for (auto& [name, tensor] : tensors)
    if (!is_counter(name)) all.emplace(spelled(std::string_view(name).substr(prefix)), Foreign{name, &tensor});
  return all;
}

}  // namespace

bool is_torch_file(const Path& path) {
  const std::string name = path.filename().string();
  return std::any_of(std::begin(kTorchEndings), std::end(kTorchEndings), [&](std::string_view ending) { return name.ends_with(ending); });
}

Tensors read_state_dict(const Path& path) {
  if (is_torch_file(path)) return read_torch_file(path);
  require(path.extension() == ".safetensors", "{}: not a state dict convscope reads; wanted .safetensors or one of {}", path.string(),
          join(kTorchEndings, " "));
  TensorFile file = read_safetensors(path);
  require(!file.metadata.contains("convscope_format"), "{}: a checkpoint of convscope, which has its own model and preprocessing",
          path.string());
  return std::move(file.tensors);
}

Checkpoint adopt(Graph graph, Tensors tensors, std::string_view whose) {
  auto theirs = by_spelling(tensors);
  Checkpoint c;
  Complaint missing("missing"), shapes("of another shape"), twice("told twice"), nowhere("that belong nowhere");
  const std::vector<ParameterInfo> wanted = parameters(graph);
  for (const ParameterInfo& p : wanted) {
    const auto [first, last] = theirs.equal_range(spelled(p.name));
    if (first == last) {
      missing.add(p.name);
      continue;
    }
    // One name may be spelled in two ways in the same file; only the parameter's very own is then beyond doubt.
    auto chosen = std::find_if(first, last, [&](const auto& t) { return t.second.name.ends_with(p.name); });
    if (chosen == last) chosen = first;
    if (std::next(first) != last && !chosen->second.name.ends_with(p.name)) twice.add(p.name);
    if (chosen->second.tensor->shape() != p.shape)
      shapes.add(chosen->second.name, fmt::format(" is {}, wanted {}", chosen->second.tensor->shape(), p.shape));
    else
      c.tensors.emplace(p.name, std::move(*chosen->second.tensor));
    theirs.erase(chosen);
  }
  for (const auto& [spelling, t] : theirs) nowhere.add(t.name);
  const std::string complaints = missing.text() + shapes.text() + twice.text() + nowhere.text();
  require(complaints.empty(), "{}: {} tensors do not fit the model's {} parameters{}; look at the model, its options and classes", whose,
          tensors.size(), wanted.size(), complaints);

  const int64_t classes = graph.shape(graph.output)[1];
  for (int64_t i = 0; i < classes; ++i) c.classes.push_back(std::to_string(i));
  check_finite(c.tensors, whose);
  c.graph = std::move(graph);
  return c;
}

}  // namespace convscope
