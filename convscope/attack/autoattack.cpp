#include "convscope/attack/autoattack.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/timer.h"
#include "convscope/graph/ops/attack_loss.h"

namespace convscope {

namespace {

/** Images that some radius leaves right. */
std::vector<int64_t> still_right(const AttackResult& r) {
  std::vector<int64_t> rows;
  for (size_t n = 0; n < r.clean.size(); ++n) {
    if (!r.attacked[n]) continue;
    const auto right = [&](size_t e) { return r.epsilons[e] > 0 && !r.radius[e][n].exact.success; };
    bool some = false;
    for (size_t e = 0; e < r.epsilons.size(); ++e) some = some || right(e);
    if (some) rows.push_back(static_cast<int64_t>(n));
  }
  return rows;
}

/** Some of the images, with what belongs to them. */
struct Some {
  Tensor x;
  std::vector<int64_t> labels, numbers;
  Goal goal;

  Some(const AttackedImages& images, const Goal& all, std::span<const int64_t> targets, std::span<const int64_t> rows)
      : x(images.x.shape().with_batch(std::ssize(rows))), goal(all) {
    if (!targets.empty()) goal = {Goal::Kind::targeted, {}};
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<size_t>(rows[i]);
      std::copy_n(images.x.row(rows[i]).begin(), x.shape().inner(), x.row(static_cast<int64_t>(i)).begin());
      labels.push_back(images.labels[row]);
      numbers.push_back(images.numbers.empty() ? rows[i] : images.numbers[row]);
      if (!targets.empty()) goal.targets.push_back(targets[row]);
    }
  }
};

/** What a part found of some rows goes where nothing was found before. */
void merge(const AttackResult& part, std::span<const int64_t> rows, AttackResult& all) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<size_t>(rows[i]);
    all.flat[row] = all.flat[row] || part.flat[i];
    for (size_t e = 0; e < all.epsilons.size(); ++e) {
      const Outcome& now = part.radius[e][i];
      Outcome& best = all.radius[e][row];
      const bool better = now.exact.success && !best.exact.success;
      if (!better) continue;
      best = now;
      if (e + 1 == all.epsilons.size())
        std::copy_n(part.x.row(static_cast<int64_t>(i)).begin(), all.x.shape().inner(), all.x.row(rows[i]).begin());
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
  const std::vector<std::string> known{"standard", "plus"};
  require(std::find(known.begin(), known.end(), options_.suite) != known.end(), "autoattack: no suite '{}'{}", options_.suite,
          known_names(options_.suite, known));
}

std::vector<Choice> AutoAttack::parts() const {
  const auto part = [&](const char* name, Json options) {
    options["norm"] = options_.norm;
    return Choice{name, std::move(options)};
  };
  const Choice towards = part("apgd-t", json_object()), near = part("fab-t", json_object()), squares = part("square", json_object());
  if (options_.suite == "standard") return {part("apgd-ce", json_object()), towards, near, squares};
  const Json five = {{"restarts", 5}};
  return {part("apgd-ce", five), part("apgd-dlr", five), part("fab", five), squares, towards, near};
}

AttackResult AutoAttack::perform(Subject& subject, const AttackedImages& images, const Goal& goal, std::span<const double> epsilons,
                                 const AttackSettings& settings) const {
  require(subject.classes() > 1, "a network of one class can name no other");
  AttackSettings each = settings;
  each.floats_suffice = true;
  AttackResult all;
  for (const Choice& choice : parts()) {
    AttackPart told{
        .attack = origin(choice), .right = {}, .left_out = unfit(choice, subject.classes(), goal.kind != Goal::Kind::untargeted)};
    const Timer timer;
    const bool first = all.radius.empty();
    if (told.left_out.empty()) {
      const auto attack = attacks().make(choice);
      AttackResult part;
      if (first) {
        part = all = attack->perform(subject, images, goal, epsilons, each);
      } else if (const std::vector<int64_t> rows = still_right(all); !rows.empty()) {
        const Some some(images, goal, all.targets, rows);
        part = attack->perform(subject, {some.x, some.labels, some.numbers}, some.goal, epsilons, each);
        merge(part, rows, all);
      }
      told.slopes = part.slopes;
      told.looks = part.looks;
    }
    told.right = right_within_each(all);
    told.seconds = timer.seconds();
    all.parts.push_back(std::move(told));
  }
  return all;
}

Steps AutoAttack::run(Walk&) const { co_return; }

}  // namespace convscope
