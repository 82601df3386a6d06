#include "convscope/cli/help.h"

#include "convscope/attack/attack.h"
#include "convscope/base/join.h"
#include "convscope/cli/output.h"
#include "convscope/data/augmentation.h"
#include "convscope/data/corruption.h"
#include "convscope/data/source.h"
#include "convscope/engine/program.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/model.h"
#include "convscope/nn/downsampling.h"
#include "convscope/nn/initialisers.h"
#include "convscope/nn/layer.h"
#include "convscope/results/run_folder.h"
#include "convscope/study/study.h"
#include "convscope/train/adversarial.h"
#include "convscope/train/loss.h"
#include "convscope/train/optimiser.h"
#include "convscope/train/options.h"
#include "convscope/train/schedule.h"

namespace convscope {

namespace {

constexpr size_t kWidth = 100;

std::string usage(const Invocation& call) {
  std::string line = "convscope " + call.name;
  for (const Argument& a : call.flags->arguments()) {
    const std::string word = a.name + (a.many ? "…" : "");
    line += a.required ? " " + word : " [" + word + "]";
  }
  return line + " [options]";
}

bool common(const Flag& flag) {
  for (const FieldHelp& field : help<CommonOptions>())
    if (field.name == flag.field) return true;
  return false;
}

std::string shown_default(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "true" : "";
  if (value.is_null() || (value.is_array() && value.empty())) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string flag_word(const Flag& flag) {
  if (!flag.is_switch) return "--" + flag.name + (flag.initial.is_string() || flag.initial.is_array() ? " TEXT" : " N");
  return flag.initial.get<bool>() ? "--no-" + flag.name : "--" + flag.name;
}

std::string flag_lines(const Flags& flags, bool of_all_commands) {
  std::string out;
  for (const Flag& flag : flags.all()) {
    if (common(flag) != of_all_commands) continue;
    const std::string initial = shown_default(flag.initial);
    std::string text = flags.in_dashes(flag.text);
    if (flag.is_switch && flag.initial.get<bool>()) text = "switches off: " + text;
    if (!flag.is_switch && !initial.empty()) text += " [" + initial + "]";
    constexpr size_t kFlagColumn = 24;
    std::string word = "  " + flag_word(flag);
    std::string lines = wrapped(text, kFlagColumn, kWidth);
    if (letters(word) + 1 < kFlagColumn) {
      word.append(kFlagColumn - letters(word), ' ');
      lines = word + lines.substr(kFlagColumn);
    } else {
      lines = word + "\n" + lines;
    }
    out += lines;
  }
  return out;
}

template <typename T>
Family family_of(std::string name, std::string flag, std::string summary, const Table<T>& table) {
  Family family{std::move(name), std::move(flag), std::move(summary), {}};
  for (const Entry<T>& row : table.rows()) family.members.push_back({row.name, row.summary, row.options});
  return family;
}

/** A preset's values stand where other members have options. */
Family preset_family() {
  Family family{"presets", "preset", "published recipes, for train --preset", {}};
  for (const Preset& p : presets()) {
    Member member{p.name, p.summary, {}};
    for (const auto& [key, value] : p.values.items()) member.options.push_back({key, value, ""});
    family.members.push_back(std::move(member));
  }
  return family;
}

/** In a table's cell, '|' would end the cell. */
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string field_rows(const std::vector<FieldHelp>& fields, std::string_view first) {
  std::string out = fmt::format("| {} | default | |\n| --- | --- | --- |\n", first);
  for (const FieldHelp& f : fields) {
    const std::string initial = f.initial.is_boolean() ? f.initial.dump() : shown_default(f.initial);
    out += fmt::format("| `{}` | {} | {} |\n", f.name, initial.empty() ? "" : "`" + cell(initial) + "`", cell(f.text));
  }
  return out;
}

std::string key_rows(const std::vector<FieldHelp>& fields) {
  std::string out = "| key | |\n| --- | --- |\n";
  for (const FieldHelp& f : fields) out += fmt::format("| `{}` | {} |\n", f.name, cell(f.text));
  return out;
}

}  // namespace

std::vector<Family> families() {
  return {
      family_of("models", "model", "networks: --model", models()),
      family_of("data", "data", "data sets, and folders of pictures by their paths: --data", data_sources()),
      preset_family(),
      family_of("optimisers", "optimiser", "how gradients change parameters: --optimiser", optimisers()),
      family_of("losses", "loss", "what a training lowers: --loss", losses()),
      family_of("adversarial trainings", "adversarial", "how a training is made to resist: --adversarial", adversarial_trainings()),
      family_of("augmentations", "augment",
                "random changes of the training pictures: --augment, several with + between, done in the order written", augmentations()),
      family_of("corruptions", "corruptions", "how pictures get worse, at severities 1 to 5: eval --corruptions, and --augment by name",
                corruptions()),
      family_of("schedules", "schedule", "the learning rate over the training: --schedule", schedules()),
      family_of("initialisers", "", "what parameters hold before training", initialisers()),
      family_of("downsamplings", "downsample",
                "how samples are dropped: convert --downsample, and an option of models; options behind colons", downsamplings()),
      family_of("layers", "", "what networks are built of", layers()),
      family_of("ops", "", "what layers are made of: nodes of the graph", ops()),
      family_of("attribution", "", "methods of explain", attributions()),
      family_of("attacks", "", "methods of attack", attacks()),
      family_of("studies", "", "published work done again", studies()),
      family_of("engines", "", "what runs a graph", engines()),
      family_of("commands", "", "what this program does", commands()),
  };
}

std::string program_help() {
  std::string out =
      "convscope trains convolutional networks and looks inside them.\n\n"
      "Usage: convscope COMMAND … [options]\n\nCommands:\n";
  for (const auto& row : commands().rows()) out += fmt::format("  {:<10} {}\n", row.name, row.summary);
  out += "\nOptions of every command:\n" + flag_lines(*invocation_of("list").flags, true) +
         "\nExamples:\n"
         "  convscope train --model deep --data fashion-mnist --preset fashion-deep --run runs/fashion\n"
         "  convscope eval runs/fashion --data fashion-mnist\n"
         "  convscope predict runs/fashion shoe.png bag.jpg\n"
         "  convscope describe resnet20,shortcut=projection\n\n"
         "`convscope COMMAND --help` says what a command takes, `convscope list` what there is to choose from.\n";
  return out;
}

std::string command_help(const Invocation& call) {
  std::string out = fmt::format("{}: {}\n\nUsage: {}\n", call.name, commands().at(call.name).summary, usage(call));
  for (const std::string& line : call.command->about()) out += "\n" + wrapped(line, 0, kWidth);
  if (!call.flags->arguments().empty()) out += "\nArguments:\n";
  for (const Argument& a : call.flags->arguments()) {
    std::string word = "  " + a.name;
    word.append(letters(word) < 24 ? 24 - letters(word) : 1, ' ');
    out += word + wrapped(a.text, 24, kWidth).substr(24);
  }
  if (const std::string own = flag_lines(*call.flags, false); !own.empty()) out += "\nOptions:\n" + own;
  out += "\nOptions of every command:\n" + flag_lines(*call.flags, true);
  if (!call.command->examples().empty()) out += "\nExamples:\n";
  for (const std::string& line : call.command->examples()) out += "  " + line + "\n";
  return out;
}

std::string reference() {
  std::string out =
      "# Reference\n\n"
      "This page is what `convscope reference` prints.\n\n"
      "Results go to stdout or into files, progress and log to stderr. The exit status is 0 where all is done, 1 where something failed\n"
      "(one line on stderr), 2 for wrong usage, 130 for a training that Ctrl-C ended resumably.\n\n"
      "A network (`NET`) is a run folder or a checkpoint, `.safetensors`. Options of a member are written behind its name:\n"
      "`resnet20,shortcut=projection`; a value with a comma stands in double quotes: `path=\"data, 2024\"`. A switch that is on is "
      "switched\n"
      "off by `--no-…`.\n\n"
      "## Options of every command\n\n" +
      field_rows(help<CommonOptions>(), "option");
  for (const auto& row : commands().rows()) {
    const Invocation call = invocation_of(row.name);
    out += fmt::format("\n## {}\n\n`{}`\n\n{}.\n", row.name, usage(call), row.summary);
    for (const std::string& line : call.command->about()) out += "\n" + line + "\n";
    std::string rows;
    for (const Argument& a : call.flags->arguments()) rows += fmt::format("| `{}` | | {} |\n", a.name, cell(a.text));
    for (const Flag& flag : call.flags->all()) {
      if (common(flag)) continue;
      const std::string initial = flag.is_switch ? flag.initial.dump() : shown_default(flag.initial);
      rows += fmt::format("| `--{}` | {} | {} |\n", flag.name, initial.empty() ? "" : "`" + cell(initial) + "`",
                          cell(call.flags->in_dashes(flag.text)));
    }
    if (!rows.empty()) out += "\n| option | default | |\n| --- | --- | --- |\n" + rows;
    if (const auto keys = call.command->json_keys(); !keys.empty()) out += "\nKeys of its JSON:\n\n" + key_rows(keys);
  }
  out += "\n# Run folder\n\nWhat may lie in a folder of results. What is in capitals stands for a name.\n\n| file | |\n| --- | --- |\n";
  for (const RunFolderEntry& entry : run_folder_layout()) out += fmt::format("| `{}` | {} |\n", entry.name, entry.what);
  out += "\n# Families\n";
  for (const Family& family : families()) {
    if (family.name == "commands") continue;
    out += fmt::format("\n## {}\n\n{}.\n\n| name | | options and their values |\n| --- | --- | --- |\n", family.name, family.summary);
    for (const Member& m : family.members) {
      std::vector<std::string> options;
      for (const FieldHelp& f : m.options)
        options.push_back(fmt::format("`{}={}`{}", f.name, cell(f.initial.is_string() ? f.initial.get<std::string>() : f.initial.dump()),
                                      f.text.empty() ? "" : " " + cell(f.text)));
      out += fmt::format("| `{}` | {} | {} |\n", m.name, cell(m.summary), join(options, "; "));
    }
  }
  return out;
}

}  // namespace convscope
