#include "convscope/cli/completion.h"

#include "convscope/base/join.h"
#include "convscope/cli/help.h"
#include "convscope/engine/program.h"

namespace convscope {

namespace {

std::string joined(const std::vector<std::string>& words) { return std::string(join(words, " ")); }

/** A text within single quotes of a shell. */
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string typed(const Flag& flag) { return (flag.is_switch && flag.initial.get<bool>() ? "--no-" : "--") + flag.name; }

std::vector<std::string> member_names(const Family& family) {
  std::vector<std::string> names;
  for (const Member& m : family.members) names.push_back(m.name);
  return names;
}

/** The words that a flag's value may begin with; none where it is a number, a text or a file. */
std::vector<std::string> values(const Flag& flag) {
  if (flag.name == "precision") return {"fp32", "bf16"};
  if (flag.name == "engine") return engines().names();
  if (flag.name == "split") return {"train", "test"};
  for (const Family& family : families())
    if (family.flag == flag.name) return member_names(family);
  return {};
}

/** In a description of zsh's, a colon and brackets have meanings. */
std::string described(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string bash_completion() {
  std::string cases, value_cases;
  for (const std::string& name : commands().names()) {
    const Invocation call = invocation_of(name);
    std::vector<std::string> flags{"--help"}, words;
    for (const Flag& flag : call.flags->all()) flags.push_back(typed(flag));
    for (const Argument& argument : call.flags->arguments()) words.insert(words.end(), argument.words.begin(), argument.words.end());
    if (name == "list")
      for (const Family& family : families()) words.push_back(family.name);
    cases += fmt::format("    {}) flags={} words={} ;;\n", name, in_quotes(joined(flags)), in_quotes(joined(words)));
  }
  std::vector<std::string> seen;
  for (const std::string& name : commands().names())
    for (const Invocation call = invocation_of(name); const Flag& flag : call.flags->all()) {
      if (const std::vector<std::string> known = values(flag);
          !known.empty() && std::find(seen.begin(), seen.end(), flag.name) == seen.end()) {
        seen.push_back(flag.name);
        value_cases += fmt::format("    --{}) known={} ;;\n", flag.name, in_quotes(joined(known)));
      }
    }
  return fmt::format(R"sh(# bash completion for convscope; in ~/.bashrc:  eval "$(convscope completion bash)"
_convscope() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}}
  local flags= words= known=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W {} -- "$current"))
    return
  fi
  case $before in
{}  esac
  if [ -n "$known" ]; then
    COMPREPLY=($(compgen -W "$known" -- "$current"))
    [ "$before" != --data ] || COMPREPLY+=($(compgen -d -- "$current"))
    return
  fi
  case $command in
{}  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _convscope convscope
)sh",
                     in_quotes(joined(commands().names()) + " help --help --version"), value_cases, cases);
}

std::string zsh_completion() {
  std::string list, cases;
  for (const Entry<Command>& row : commands().rows()) {
    list += fmt::format("    {}\n", in_quotes(row.name + ":" + described(row.summary)));
    const Invocation call = invocation_of(row.name);
    cases += fmt::format("    {}) _arguments \\\n", row.name);
    for (const Flag& flag : call.flags->all()) {
      std::string spec = fmt::format("{}[{}]", typed(flag), described(call.flags->in_dashes(flag.text)));
      if (!flag.is_switch) {
        const std::vector<std::string> known = values(flag);
        spec += ":" + flag.name + ":";
        spec += known.empty() ? "_files" : "(" + joined(known) + ")";
      }
      cases += fmt::format("        {} \\\n", in_quotes(spec));
    }
    for (const Argument& argument : call.flags->arguments()) {
      std::vector<std::string> known = argument.words;
      if (row.name == "list")
        for (const Family& family : families()) known.push_back(family.name);
      cases += fmt::format("        {} \\\n", in_quotes(fmt::format("{}{}:{}", argument.many ? "*:" : ":", described(argument.name),
                                                                    known.empty() ? "_files" : "(" + joined(known) + ")")));
    }
    cases += "        '--help[what the command does]' ;;\n";
  }
  return fmt::format(R"sh(#compdef convscope
# zsh completion for convscope; in ~/.zshrc, behind compinit:  eval "$(convscope completion zsh)"
_convscope() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{}  esac
}}
compdef _convscope convscope
)sh",
                     list, cases);
}

}  // namespace convscope
