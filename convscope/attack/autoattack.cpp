#include "convscope/attack/autoattack.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/attack_log.h"
#include "convscope/base/timer.h"
#include "convscope/graph/ops/attack_loss.h"

namespace convscope {

namespace {

/** How many of the smallest radii leave an image right, each with those below it; none of an image that was wrong before. */
std::vector<size_t> radii_left(const AttackResult& all) {
  std::vector<size_t> left(all.clean.size());
  for (size_t n = 0; n < left.size(); ++n)
    for (size_t e = 0; e < all.epsilons.size(); ++e)
      if (all.attacked[n] && all.epsilons[e] > 0 && !all.radius[e][n].exact.success) left[n] = e + 1;
  return left;
}

/** What a part found goes where nothing was found before. */
void merge(const AttackResult& part, AttackResult& all) {
  for (size_t n = 0; n < all.clean.size(); ++n) {
    all.flat[n] = all.flat[n] || part.flat[n];
    for (size_t e = 0; e < all.epsilons.size(); ++e) {
      if (!part.radius[e][n].exact.success || all.radius[e][n].exact.success) continue;
      all.radius[e][n] = part.radius[e][n];
      const auto row = static_cast<int64_t>(n);
      if (e + 1 == all.epsilons.size()) std::copy(part.x.row(row).begin(), part.x.row(row).end(), all.x.row(row).begin());
    }
  }
  all.slopes += part.slopes;
  all.looks += part.looks;
}

std::vector<int64_t> right_within_each(const AttackResult& r) {
  std::vector<int64_t> counts;
  for (const auto& outcomes : r.radius)
    counts.push_back(std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.exact.correct; }));
  return counts;
}

/** Why a part cannot be asked of a network of so many classes; empty where it can. */
std::string unfit(const Choice& part, int64_t classes, bool aims) {
  const int64_t wanted = part.name == "apgd-t" || (part.name == "apgd-dlr" && aims) ? 4 : part.name == "apgd-dlr" ? 3 : 2;
  if (classes < wanted) return fmt::format("dlr wants {} classes; the network has {}", wanted, classes);
  const bool compares = part.name != "apgd-ce" && part.name != "square";
  if (compares && classes > kMostAttackedClasses)
    return fmt::format("it compares classes two by two, of which {} at most are supported; the network has {}", kMostAttackedClasses,
                       classes);
  return "";
}

}  // namespace

AutoAttack::AutoAttack(Options options) : options_(std::move(options)), norm_(parse_norm(options_.norm, "autoattack")) {
  const std::vector<std::string> known{"standard", "plus", "rand"};
  require(std::find(known.begin(), known.end(), options_.suite) != known.end(), "autoattack: no suite '{}'{}", options_.suite,
          known_names(options_.suite, known));
}

std::vector<Choice> AutoAttack::parts() const {
  const auto part = [&](const char* name, Json options = json_object()) {
    options["norm"] = options_.norm;
    if (options_.as_reference && std::string_view(name) != "fab" && std::string_view(name) != "fab-t") options["as_reference"] = true;
    return Choice{name, std::move(options)};
  };
  const bool l1 = norm_ == Norm::l1;
  const Json restarts = {{"restarts", 5}}, draws = {{"eot", 20}};
  const Choice near = part("fab-t"), squares = part("square"), towards = l1 ? part("apgd-t", {{"targets", 5}}) : part("apgd-t");
  if (options_.suite == "rand") return {part("apgd-ce", draws), part("apgd-dlr", draws)};
  if (options_.suite == "standard") return {l1 ? part("apgd-ce", restarts) : part("apgd-ce"), towards, near, squares};
  return {part("apgd-ce", restarts), part("apgd-dlr", restarts), part("fab", restarts), squares, towards, near};
}

AttackResult AutoAttack::perform(Subject& subject, const AttackedImages& images, const Goal& goal, std::span<const double> epsilons,
                                 const AttackSettings& settings) const {
  require(subject.classes() > 1, "a network of one class can name no other");
  const std::vector<Choice> choices = parts();
  AttackSettings each = settings;
  each.floats_suffice = true;
  AttackedImages known = images;
  Tensor logits;
  if (!images.logits) {
    logits = (settings.judge ? *settings.judge : subject).logits(images.x);
    known.logits = &logits;
  }
  AttackResult all;
  for (const Choice& choice : choices) {
    const auto number = std::ssize(all.parts);
    AttackPart told{
        .attack = origin(choice), .right = {}, .left_out = unfit(choice, subject.classes(), goal.kind != Goal::Kind::untargeted)};
    const Timer timer;
    if (told.left_out.empty()) {
      const bool first = all.radius.empty();
      const std::vector<size_t> left = first || options_.individual ? std::vector<size_t>() : radii_left(all);
      each.radii = left;
      each.part = number;
      // Images that are done already count as done in each part.
      if (settings.progress)
        each.progress = [&, count = images.x.shape()[0]](int64_t done, int64_t total) {
          settings.progress(number * count + (count - total) + done, std::ssize(choices) * count);
        };
      const AttackResult part = attacks().make(choice)->perform(subject, known, goal, epsilons, each);
      told.slopes = part.slopes;
      told.looks = part.looks;
      if (options_.individual) told.alone = right_within_each(part);
      if (first)
        all = part;
      else
        merge(part, all);
    }
    told.right = right_within_each(all);
    told.seconds = settings.log ? settings.log->seconds(number) : timer.seconds();
    all.parts.push_back(std::move(told));
  }
  all.nearest.clear();
  if (!images.logits) all.looks += images.x.shape()[0];
  return all;
}

Steps AutoAttack::run(Walk&) const { co_return; }

}  // namespace convscope
