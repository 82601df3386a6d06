#include "convscope/cli/command.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/base/version.h"
#include "convscope/cli/help.h"
#include "convscope/cli/output.h"

namespace convscope {

Setting Session::setting() const {
  Setting setting;
  setting.execution = execution_of(common.precision, common.engine);
  setting.seed = static_cast<uint64_t>(common.seed);
  setting.data_roots = data_roots(common.data_root);
  setting.say = [&flags = flags](std::string_view line) { convscope::say(fmt::format("{}\n", flags.in_dashes(line))); };
  setting.progress = show_progress();
  setting.stop = stop;
  setting.ranks = ranks;
  return setting;
}

Path folder_of_results(const std::string& out, const Network& network) {
  std::error_code ignored;
  const bool of_another = !out.empty() && std::filesystem::exists(Path(out) / kLastNetwork, ignored) &&
                          (network.run.empty() || !std::filesystem::equivalent(out, network.run, ignored));
  if (of_another)
    throw UsageError(fmt::format(
        "--out {}: the run folder of another network, whose page would show this one's results; another folder was wanted", out));
  if (!out.empty()) return out;
  if (network.run.empty()) throw UsageError("--out is missing: a folder for the results; only a run folder keeps its own");
  return network.run;
}

Pictures at_most(int64_t limit, Pictures pictures) {
  if (limit <= 0 || pictures.size() <= limit) return pictures;
  DataOrigin said = pictures.where();
  said.limit = limit;
  return pictures.first(limit).said_as(said);
}

Pictures pictures_or_files(const PictureOptions& options, const Network& network, const Setting& setting, int64_t usual) {
  try {
    return choose_pictures(options, network, setting, usual);
  } catch (const WrongUse& e) {
    throw WrongUse(fmt::format("{}; or give files with `image`", e.what()));
  }
}

std::vector<std::string> flags_among(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (const std::vector<std::string>& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

namespace {

bool is_among(std::string_view name, std::span<const std::string> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/** Whose a flag is that the present way to call the command does not read. */
std::string readers_of(const std::string& flag, const std::vector<Mode>& modes) {
  std::vector<std::string> names;
  for (const Mode& mode : modes)
    if (is_among(flag, mode.flags)) names.push_back(mode.name);
  return names.empty() ? "nothing" : std::string(join(names, ", "));
}

/** What was said and would not be read is told, not dropped. */
void refuse_unread(const Invocation& call) {
  const Command& command = *call.command;
  const std::vector<std::string> every = flags_of<CommonOptions>(), read = command.common_flags();
  const std::vector<Mode> modes = command.modes();
  const Mode* const now = modes.empty() ? nullptr : &modes[command.mode(*call.flags)];
  for (const Flag& flag : call.flags->all()) {
    if (!flag.given || flag.name == "json" || flag.name == "threads") continue;
    if (is_among(flag.name, every)) {
      if (!is_among(flag.name, read))
        throw UsageError(fmt::format("{0}: --{1} is for others; {0} has no use for it", call.name, flag.name));
    } else if (now && !is_among(flag.name, now->flags)) {
      throw UsageError(fmt::format("{}: --{} is for {}; this is {}", call.name, flag.name, readers_of(flag.name, modes), now->name));
    }
  }
}

}  // namespace

Invocation invocation_of(std::string_view name) {
  Invocation call{std::string(name), commands().make(name), std::make_unique<CommonOptions>(), std::make_unique<Flags>()};
  call.command->declare(*call.flags);
  call.flags->fields(*call.common);
  return call;
}

namespace {

/** Whether a word is one of those that an argument names. */
bool names(const Argument& argument, std::string_view word) {
  const auto& known = argument.words.empty() ? argument.members : argument.words;
  return std::find(known.begin(), known.end(), word.substr(0, word.find(','))) != known.end();
}

/** `explain RUN gradient`: neither word is wrong, only their order. */
void require_order(const std::vector<Argument>& arguments, std::string_view command) {
  if (arguments.size() < 2 || arguments[0].target->empty() || arguments[1].target->empty()) return;
  const std::string &one = arguments[0].target->front(), &other = arguments[1].target->front();
  if ((arguments[0].words.empty() && arguments[0].members.empty()) || names(arguments[0], one) || !names(arguments[0], other)) return;
  throw UsageError(
      fmt::format("{}: {} comes first, then {}: `convscope {} {} {}`", command, arguments[0].name, arguments[1].name, command, other, one));
}

}  // namespace

Invocation parse_invocation(std::span<const std::string> words) {
  if (words.empty()) throw UsageError("no command; `convscope --help` shows them");
  const std::string& first = words.front();
  if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1)) return {.name = "--help", .help = true};
  if (first == "--version") return {.name = "--version"};
  if (first == "help") return parse_invocation(std::vector<std::string>{words[1], "--help"});
  if (!commands().has(first)) {
    std::vector<std::string> known = commands().names();
    known.insert(known.end(), {"--help", "--version"});
    const std::string near = nearest(first, known);
    throw UsageError(fmt::format("no command '{}'{}; `convscope --help` shows them", first,
                                 near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }

  Invocation call = invocation_of(first);
  const auto rest = words.subspan(1);
  for (const std::string& word : rest) call.help = call.help || word == "--help" || word == "-h";
  if (call.help) return call;
  call.flags->parse(rest, first);
  require_order(call.flags->arguments(), first);
  for (const Argument& argument : call.flags->arguments()) {
    if (argument.required && argument.target->empty())
      throw UsageError(fmt::format("{}: {} is missing: {}; see `convscope {} --help`", first, argument.name, argument.text, first));
    if (argument.words.empty()) continue;
    for (const std::string& word : *argument.target)
      if (std::find(argument.words.begin(), argument.words.end(), word) == argument.words.end())
        throw UsageError(fmt::format("{}: no {} '{}'{}", first, argument.name, word, known_names(word, argument.words)));
  }
  constexpr int64_t kMostThreads = 1024;
  if (call.common->threads < 0 || call.common->threads > kMostThreads)
    throw UsageError(fmt::format("{}: --threads takes 0 to {}, got {}", first, kMostThreads, call.common->threads));
  return call;
}

ExitStatus Invocation::run(std::function<bool()> stop, std::shared_ptr<Ranks> ranks) const {
  if (name == "--version") {
    print(fmt::format("convscope {}\n", version()));
  } else if (help) {
    print(command ? command_help(*this) : program_help());
  } else {
    try {
      refuse_unread(*this);
      return command->run({*common, *flags, std::move(stop), std::move(ranks)});
    } catch (const WrongUse& e) {
      const std::string text = flags->in_dashes(e.what());
      throw UsageError(text.starts_with(name + ":") ? text : fmt::format("{}: {}", name, text));
    } catch (const UsageError&) {
      throw;
    } catch (const ReaderGone&) {
      throw;
    } catch (const Error& e) {
      throw Error(flags->in_dashes(e.what()));
    }
  }
  return ExitStatus::done;
}

}  // namespace convscope
