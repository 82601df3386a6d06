#include "convscope/cli/flags.h"

#include <CLI/CLI.hpp>

namespace convscope {

namespace {

/** What other programs call some of ours. */
struct Synonym {
  std::string_view theirs, ours;
};
constexpr Synonym kSynonyms[] = {{"--learning-rate", "--lr"}, {"--learning_rate", "--lr"}, {"--batch-size", "--batch"},
                                 {"--batch_size", "--batch"}, {"--dataset", "--data"},     {"--arch", "--model"},
                                 {"--eps", "--epsilon"},      {"--output", "--out"}};

/** `--epoch` → "; did you mean '--epochs'?" */
std::string hint(std::string_view word, const std::vector<Flag>& flags) {
  std::vector<std::string> known;
  for (const Flag& flag : flags) {
    known.push_back("--" + flag.name);
    if (flag.is_switch) known.push_back("--no-" + flag.name);
  }
  const std::string_view name = word.substr(0, word.find('='));
  for (const auto& [theirs, ours] : kSynonyms)
    if (name == theirs && std::find(known.begin(), known.end(), ours) != known.end()) return fmt::format("; did you mean '{}'?", ours);
  const std::string near = nearest(name, known);
  return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

}  // namespace

std::string dashed(std::string field) {
  std::replace(field.begin(), field.end(), '_', '-');
  return field;
}

std::string Flags::in_dashes(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find('`');
    const size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    out += text.substr(0, open);
    if (close == std::string_view::npos) return out + std::string(open == close ? "" : text.substr(open));
    const std::string_view quoted = text.substr(open + 1, close - open - 1);
    const auto flag = std::find_if(flags_.begin(), flags_.end(), [&](const Flag& f) { return f.field == quoted; });
    out += flag != flags_.end() ? "--" + flag->name : fmt::format("`{}`", quoted);
    text.remove_prefix(close + 1);
  }
  return out;
}

void Flags::parse(std::span<const std::string> words, std::string_view command) {
  CLI::App app;
  app.set_help_flag("");
  app.allow_extras();
  std::vector<CLI::Option*> options, places;
  for (const Flag& flag : flags_) {
    const std::string name = "--" + flag.name;
    CLI::Option* option = flag.is_switch ? app.add_flag(fmt::format("{},!--no-{}", name, flag.name)) : app.add_option(name);
    options.push_back(option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false));
  }
  for (const Argument& argument : arguments_) {
    CLI::Option* option = app.add_option(fmt::format("word{}", places.size()));
    if (argument.many) option->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args();
    places.push_back(option);
  }

  const std::string see = fmt::format("; see `convscope {} --help`", command);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
  } catch (const CLI::ArgumentMismatch&) {
    throw UsageError(fmt::format("{}: '{}' has no value behind it{}", command, words.back(), see));
  } catch (const CLI::ParseError& e) {
    std::string text = e.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    throw UsageError(fmt::format("{}: {}{}", command, text, see));
  }
  for (const std::string& word : app.remaining()) {
    if (word.starts_with('-') && word.size() > 1)
      throw UsageError(fmt::format("{}: no option '{}'{}{}", command, word, hint(word, flags_), see));
  }
  if (const auto rest = app.remaining(); !rest.empty())
    throw UsageError(fmt::format("{}: '{}' is one word too many{}", command, rest.front(), see));

  for (size_t i = 0; i < flags_.size(); ++i) {
    Flag& flag = flags_[i];
    const auto& results = options[i]->results();
    if (results.empty()) continue;
    if (results.size() > 1) throw UsageError(fmt::format("{}: --{} is said twice", command, flag.name));
    if (!flag.take(results.front()))
      throw UsageError(fmt::format("{}: --{} takes {}, got '{}'", command, flag.name, flag.wanted, results.front()));
    flag.given = true;
  }
  for (size_t i = 0; i < arguments_.size(); ++i) *arguments_[i].target = places[i]->results();
}

}  // namespace convscope
