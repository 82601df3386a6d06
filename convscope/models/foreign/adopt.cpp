#include "convscope/models/foreign/adopt.h"

#include <algorithm>
#include <set>
#include <vector>

#include "convscope/base/join.h"
#include "convscope/models/foreign/torch_file.h"

namespace convscope {

namespace {

constexpr std::string_view kTorchEndings[] = {".pt", ".pth", ".th", ".pth.tar", ".ckpt"};
constexpr std::string_view kSafetensors = ".safetensors";

/** Another word for a part of a name, and ours in the sense of this file alone: both sides are spelled anew before they are compared. */
struct Synonym {
  std::string_view theirs, ours;
};
constexpr Synonym kSynonyms[] = {
    {"fc", "linear"},           {"dense", "linear"},    {"classifier", "linear"}, {"head", "linear"},
    {"shortcut", "downsample"}, {"skip", "downsample"}, {"norm", "bn"},           {"batchnorm", "bn"},
};

/** Written beside the weights and read by nothing. */
bool is_counter(std::string_view name) {
  return name == "num_batches_tracked" || name.ends_with(".num_batches_tracked") || name == "n_averaged" || name.ends_with(".n_averaged");
}

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

/** One of their tensors: under our spelling, and under the name it had for the messages. */
struct Foreign {
  std::string spelling, name;
  Tensor* tensor;
};

/** Their tensors by spelling; counters are left out. */
std::multimap<std::string, Foreign, std::less<>> by_spelling(Tensors& tensors) {
  std::multimap<std::string, Foreign, std::less<>> all;
  for (auto& [name, tensor] : tensors) {
    if (is_counter(name)) continue;
    std::string spelling = spelled(name);
    all.emplace(spelling, Foreign{spelling, name, &tensor});
  }
  return all;
}
using Spellings = std::multimap<std::string, Foreign, std::less<>>;

/** visit(prefix, rest) for each way to part a name at a dot, the whole name as the rest first; rests of at most `longest` letters. */
void each_parting(std::string_view name, size_t longest, auto&& visit) {
  for (size_t begin = 0;;) {
    if (name.size() - begin <= longest) visit(name.substr(0, begin), name.substr(begin));
    const size_t dot = name.find('.', begin);
    if (dot == std::string_view::npos) return;
    begin = dot + 1;
  }
}

/**
 * The prefix under which most of the wanted names exist, the shortest of several: what DataParallel, torch.compile and programs that keep
 * the network as a member put before every name.
 */
std::string prefix_of(const Spellings& theirs, const std::set<std::string, std::less<>>& wanted) {
  size_t longest = 0;
  for (const std::string& name : wanted) longest = std::max(longest, name.size());
  std::map<std::string, size_t> found;
  for (const auto& [spelling, t] : theirs)
    each_parting(spelling, longest, [&](std::string_view prefix, std::string_view rest) {
      if (wanted.contains(rest)) ++found[std::string(prefix)];
    });
  std::string best;
  size_t most = 0;
  for (const auto& [prefix, count] : found)
    if (count > most || (count == most && prefix.size() < best.size())) {
      best = prefix;
      most = count;
    }
  return best;
}

/** Extents of 1 at the end say nothing: a matrix [K, C] is a 1×1 convolution [K, C, 1, 1]. */
std::vector<int64_t> but_for_ones(const Shape& shape) {
  std::vector<int64_t> extents(shape.extents().begin(), shape.extents().end());
  while (extents.size() > 1 && extents.back() == 1) extents.pop_back();
  return extents;
}

bool same_numbers(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.span().begin(), a.span().end(), b.span().begin());
}

/** The classifier may be kept apart from the rest: `backbone.…` and `head.fc.weight`. Its one tensor whose name ends like ours. */
Spellings::iterator head_elsewhere(Spellings& theirs, const std::string& wanted, const Shape& shape) {
  auto found = theirs.end();
  if (!wanted.starts_with("linear.")) return found;
  for (auto it = theirs.begin(); it != theirs.end(); ++it) {
    if (!it->first.ends_with("." + wanted) || it->second.tensor->shape() != shape) continue;
    if (found != theirs.end()) return theirs.end();
    found = it;
  }
  return found;
}

}  // namespace

bool is_torch_file(const Path& path) {
  const std::string name = path.filename().string();
  if (std::any_of(std::begin(kTorchEndings), std::end(kTorchEndings), [&](std::string_view ending) { return name.ends_with(ending); }))
    return true;
  std::error_code ignored;
  return !name.ends_with(kSafetensors) && std::filesystem::is_regular_file(path, ignored) && begins_like_torch(path);
}

bool is_state_dict(const Path& path) {
  std::error_code ignored;
  if (is_torch_file(path)) return true;
  return path.extension() == kSafetensors && std::filesystem::is_regular_file(path, ignored) &&
         !read_safetensors(path).metadata.contains("convscope_format");
}

Tensors read_state_dict(const Path& path) {
  if (is_torch_file(path)) return read_torch_file(path);
  require(path.extension() == kSafetensors, "{}: not a state dict convscope reads; wanted .safetensors or one of {}", path.string(),
          join(kTorchEndings, " "));
  TensorFile file = read_safetensors(path);
  require(!file.metadata.contains("convscope_format"), "{}: a checkpoint of convscope, which has its own model and preprocessing",
          path.string());
  return std::move(file.tensors);
}

Checkpoint adopt(Graph graph, Tensors tensors, std::string_view whose) {
  Spellings theirs = by_spelling(tensors);
  Checkpoint c;
  Complaint missing("missing"), shapes("of another shape"), twice("told twice"), nowhere("that belong nowhere");
  const std::vector<ParameterInfo> wanted = parameters(graph);
  std::set<std::string, std::less<>> spellings;
  for (const ParameterInfo& p : wanted) spellings.insert(spelled(p.name));
  const std::string prefix = prefix_of(theirs, spellings);
  std::map<std::string, const Tensor*, std::less<>> taken;  // by our spelling
  for (const ParameterInfo& p : wanted) {
    const std::string spelling = spelled(p.name);
    const auto [first, last] = theirs.equal_range(prefix + spelling);
    // One name may be spelled in two ways in the same file; only the parameter's very own is then beyond doubt.
    auto chosen = std::find_if(first, last, [&](const auto& t) { return t.second.name.ends_with(p.name); });
    if (chosen == last) chosen = first != last ? first : head_elsewhere(theirs, spelling, p.shape);
    if (chosen == theirs.end()) {
      missing.add(p.name);
      continue;
    }
    if (first != last && std::next(first) != last && !chosen->second.name.ends_with(p.name)) twice.add(p.name);
    Tensor& t = *chosen->second.tensor;
    if (t.shape() != p.shape && but_for_ones(t.shape()) == but_for_ones(p.shape)) t = t.reshaped(p.shape);
    if (t.shape() != p.shape)
      shapes.add(chosen->second.name, fmt::format(" is {}, wanted {}", t.shape(), p.shape));
    else
      taken[spelling] = &c.tensors.emplace(p.name, std::move(t)).first->second;
    theirs.erase(chosen);
  }
  // What wraps a network may hold it twice (MadryLab's attacker does); a copy of the same numbers is beyond doubt.
  const auto is_copy = [&](const Foreign& t) {
    bool copy = false;
    each_parting(t.spelling, t.spelling.size(), [&](std::string_view before, std::string_view rest) {
      const auto ours = taken.find(rest);
      copy = copy || (!before.empty() && ours != taken.end() && same_numbers(*ours->second, *t.tensor));
    });
    return copy && !t.spelling.starts_with(prefix);
  };
  for (const auto& [spelling, t] : theirs)
    if (prefix.empty() || !is_copy(t)) nowhere.add(t.name);
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
