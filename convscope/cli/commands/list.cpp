#include "convscope/cli/commands/list.h"

#include "convscope/base/join.h"
#include "convscope/cli/help.h"
#include "convscope/cli/output.h"

namespace convscope {

namespace {

/** What is to be shown: all, or the one of that name, also in the singular. */
std::vector<Family> chosen(const std::vector<std::string>& words) {
  std::vector<Family> all = families();
  if (words.empty()) return all;
  std::vector<std::string> names;
  for (Family& family : all) {
    names.push_back(family.name);
    if (family.name == words.front() || family.name == words.front() + "s") return {std::move(family)};
  }
  fail("no family '{}'{}", words.front(), known_names(words.front(), names));
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Json to_json(const Family& family) {
  Json members = json_list();
  for (const Member& m : family.members) {
    Json options = json_list();
    for (const FieldHelp& f : m.options) options.push_back({{"name", f.name}, {"default", f.initial}, {"text", f.text}});
    members.push_back({{"name", m.name}, {"summary", m.summary}, {"options", std::move(options)}});
  }
  return {{"name", family.name}, {"summary", family.summary}, {"members", std::move(members)}};
}

/** All families: a line a member, its options behind it. One family: each option with its meaning. */
std::string shown(const Family& family, bool alone) {
  TextTable table({family.name, "", ""});
  for (const Member& m : family.members) {
    std::vector<std::string> options;
    for (const FieldHelp& f : m.options) options.push_back(f.name + "=" + text_of(f.initial));
    table.row({"  " + m.name, m.summary, alone ? "" : std::string(join(options, " "))});
    for (const FieldHelp& f : m.options)
      if (alone) table.row({"    " + f.name + "=" + text_of(f.initial), f.text});
  }
  return table.text();
}

}  // namespace

void ListCommand::declare(Flags& flags) { flags.argument("FAMILY", family_, "models, data, presets, …; all of them without it", false); }

ExitStatus ListCommand::run(const Session& session) {
  const std::vector<Family> shown_families = chosen(family_);
  if (session.common.json) {
    Json all = json_list();
    for (const Family& family : shown_families) all.push_back(to_json(family));
    print_json({{"families", std::move(all)}});
    return ExitStatus::done;
  }
  std::string text;
  for (const Family& family : shown_families) text += (text.empty() ? "" : "\n") + shown(family, shown_families.size() == 1);
  print(text);
  return ExitStatus::done;
}

std::vector<FieldHelp> ListCommand::json_keys() const {
  return {{"families", "", "`[{name, summary, members: [{name, summary, options: [{name, default, text}]}]}]`"}};
}

}  // namespace convscope
