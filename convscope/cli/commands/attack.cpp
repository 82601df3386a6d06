#include "convscope/cli/commands/attack.h"

#include <algorithm>
#include <cmath>

#include "convscope/attack/attack.h"
#include "convscope/base/join.h"
#include "convscope/base/written_numbers.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/report/page/page.h"
#include "convscope/results/attack_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

/** Where rounding takes pictures out of the ball, numbers as 8 bits are of another attack than the one asked for. */
std::string outside_text(const AttackRecord& record) {
  std::string text;
  for (const AttackPoint& p : record.curve)
    if (p.outside_8bit > 0)
      text += fmt::format("as 8 bits, {} of {} pictures leave the ball of {}\n", grouped(p.outside_8bit), grouped(record.attacked),
                          epsilon_text(p.epsilon));
  return text;
}

/** Of several attacks, what each left. */
std::string parts_text(const AttackRecord& record) {
  if (!record.parts) return {};
  const auto shares_text = [](const std::vector<double>& shares) {
    std::vector<std::string> all;
    for (const double share : shares) all.push_back(percent(share));
    return std::string(join(all, ", "));
  };
  const bool alone = std::any_of(record.parts->begin(), record.parts->end(), [](const AttackPartRecord& p) { return !p.alone.empty(); });
  TextTable table(
      alone ? std::vector<std::string>{"after", "right", "by itself", "seconds"} : std::vector<std::string>{"after", "right", "seconds"},
      {1, 2, 3});
  for (const AttackPartRecord& part : *record.parts) {
    std::vector<std::string> row{part.attack, part.left_out.empty() ? shares_text(part.accuracies) : "left out: " + part.left_out};
    if (alone) row.push_back(shares_text(part.alone));
    row.push_back(fmt::format("{:.1f}", part.seconds));
    table.row(std::move(row));
  }
  return "\n" + table.text();
}

/** Whether the figure can be believed, and why. */
std::string trust_text(const AttackRecord& record) {
  if (!record.trust) return {};
  TextTable table({"check", "finding", ""});
  for (const TrustReason& reason : *record.reasons) table.row({reason.check, reason.finding, reason.text});
  return fmt::format("\ncan it be believed, within {}, on {} images: {}\n{}", epsilon_text(*record.trust_epsilon), *record.trust_images,
                     *record.trust, table.text());
}

std::string nearest_text(const AttackRecord& record) {
  if (!record.nearest) return {};
  const auto length = [](double distance) { return std::isfinite(distance) ? fmt::format("{:.5f}", distance) : std::string("none"); };
  return fmt::format("\nnearest pictures found: {} of {} images that were right; {} of their distances: median {}, mean {}\n",
                     grouped(record.nearest->found), grouped(record.nearest->images), record.norm, length(record.nearest->median),
                     length(record.nearest->mean));
}

std::string shown(const AttackRecord& record) {
  TextTable head(
      {"clean accuracy", fmt::format("{}  ({} images; 95 % interval {} to {})", percent(record.clean_accuracy), grouped(record.examined),
                                     percent(record.clean_accuracy_interval_95[0]), percent(record.clean_accuracy_interval_95[1]))});
  head.row({"attacked", fmt::format("{} of {}", grouped(record.attacked), grouped(record.total))});
  const auto with_interval = [](double share, const std::array<double, 2>& ends) {
    return std::isnan(share) ? "" : fmt::format("{} ({} to {})", percent(share), percent(ends[0]), percent(ends[1]));
  };
  TextTable table({"epsilon", "accuracy (95 % interval)", "as 8 bits", "top 5", "success", "flipped",
                   record.norm == "l1" ? "mean L1" : "mean L2", "iterations"},
                  {0, 1, 2, 3, 4, 5, 6, 7});
  for (const AttackPoint& p : record.curve) {
    const double mean = record.norm == "l1" ? p.l1_mean : p.l2_mean;
    table.row({record.bounded ? epsilon_text(p.epsilon) : "none", with_interval(p.accuracy, p.accuracy_interval_95),
               with_interval(p.accuracy_8bit, p.accuracy_8bit_interval_95), with_interval(p.top5_accuracy, p.top5_interval_95),
               std::isnan(p.success_rate) ? "" : percent(p.success_rate), percent(p.flip_rate),
               std::isnan(mean) ? "" : fmt::format("{:.3f}", mean), fmt::format("{:.1f}", p.iterations_mean)});
  }
  return head.text() + "\n" + table.text() + parts_text(record) + nearest_text(record) + trust_text(record) + outside_text(record) +
         fmt::format("\n{} slopes and {} answers in {:.1f} s\n", grouped(record.slopes), grouped(record.looks), record.seconds);
}

/** What an option means to each member that has it; those to which it means the same stand together. */
std::string text_of(std::string_view option) {
  std::vector<std::pair<std::string, std::vector<std::string>>> meanings;  // text, owners
  for (const auto& row : attacks().rows())
    for (const FieldHelp& field : row.options) {
      if (field.name != option) continue;
      const auto known = std::find_if(meanings.begin(), meanings.end(), [&](const auto& m) { return m.first == field.text; });
      (known != meanings.end() ? *known : meanings.emplace_back(field.text, std::vector<std::string>())).second.push_back(row.name);
    }
  std::vector<std::string> all;
  for (const auto& [text, owners] : meanings) all.push_back(fmt::format("of {}: {}", join(owners, ", "), text));
  return join(all, "; ");
}

}  // namespace

void AttackCommand::declare(Flags& flags) {
  flags.member("METHOD", method_, "a member of `convscope list attacks`, with its options: pgd,steps=100", attacks().names());
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(place_);
  flags.fields(options_);
  for (const auto& row : attacks().rows())
    for (const FieldHelp& field : row.options) {
      const std::string text = text_of(field.name);
      if (field.initial.is_boolean())
        flags.value(field.name, switches_[field.name], text);
      else
        flags.value(field.name, values_[field.name], text);
    }
  flags.fields(foreign_);
  flags.fields(replacing_);
}

/** METHOD with the flags that are options of members; numbers may be fractions or shares. */
Choice AttackCommand::choice(const Flags& flags) const {
  Choice made = parse_choice(method_.front());
  const Entry<Attack>& row = attacks().at(made.name);
  const auto given = [&](const std::string& name) {
    if (!flags.given(dashed(name))) return false;
    const bool common = name == "confidence";  // of any attack
    require(common || !made.options.contains(name), "attack {}: {} is said twice", made.name, name);
    return !common;
  };
  for (const auto& [name, value] : switches_)
    if (given(name)) made.options[name] = value;
  for (const auto& [name, value] : values_)
    if (given(name)) made.options[name] = parse_choice(fmt::format("x,{}={}", name, value)).options[name];
  return with_numbers(std::move(made), row.options);
}

std::vector<std::string> AttackCommand::about() const {
  return {
      "Looks for pictures near images that the network takes for something else, within each epsilon, and tells how many images are still "
      "right: the robustness curve. Pictures stay in the ball and in the pixel range to the last bit, but for gradient-image, whose "
      "negative numbers are part of it, and fgsm,unclipped=true; what 8-bit files hold of them is judged too.",
      "An image is done as soon as it is fooled, and what was found within a smaller epsilon counts within all larger ones, so that many "
      "epsilons cost little more than one. --independent does as published instead.",
      "In the folder lie attack.json, the robustness curve, all pictures as .npy, the first ones as PNG with their images and changes, and "
      "report.html."};
}

std::vector<std::string> AttackCommand::examples() const {
  return {"convscope attack pgd resnet20.th --model resnet20 --normalize imagenet --data cifar10 --epsilon 1/255,2/255 --out /tmp/x",
          "convscope attack fgsm runs/fashion --epsilon 0.01 --independent",
          "convscope attack descent runs/scratch --target cat --min-confidence 0.9 --limit 20",
          "convscope attack descent runs/scratch --target each --limit 10"};
}

/** One for each attack: what all take, and its own options. */
std::vector<Mode> AttackCommand::modes() const {
  const std::vector<std::string> every =
      flags_among({flags_of<Place>(), flags_of<AttackOptions>(), flags_of<NetworkOptions>(), flags_of<Replacing>()});
  std::vector<Mode> all;
  for (const auto& row : attacks().rows()) {
    Mode& mode = all.emplace_back(row.name, every);
    for (const FieldHelp& field : row.options) mode.flags.push_back(dashed(field.name));
  }
  return all;
}

size_t AttackCommand::mode(const Flags&) const {
  const Entry<Attack>& chosen = attacks().at(parse_choice(method_.front()).name);
  return static_cast<size_t>(&chosen - attacks().rows().data());
}

ExitStatus AttackCommand::run(const Session& session) {
  const Choice method = choice(session.flags);
  options_.verdict = options_.verdict || place_.require_trust;
  check_options([&] { check_attack(method, options_); });
  Setting setting = session.setting();
  setting.force = replacing_.force;
  const Network network = told(open_network(network_.front(), foreign_));
  const Path out = folder_of_results(place_.out, network);
  constexpr int64_t kAll = 0;  // which of them are attacked, the network's answers decide
  const Pictures pictures = choose_pictures({.data = place_.data, .split = place_.split, .images = place_.images}, network, setting, kAll);
  AttackRecord record;
  try {
    record = attack(network, method, pictures, options_, out, setting).record;
  } catch (const AttackStopped& e) {
    clear_progress();
    say(fmt::format("attack {}: {}\n", method.name, e.what()));
    return ExitStatus::interrupted;
  }
  if (!session.ranks->is_root()) return ExitStatus::done;
  clear_progress();
  write_report(out);

  const Path folder = attack_folder(out, record);
  if (session.common.json) {
    Json with_paths = fields_to_json(record);
    for (const char* file : {"pictures", "indices", "csv"})
      if (const auto name = with_paths[file].get<std::string>(); !name.empty()) with_paths[file] = (folder / name).string();
    for (Json& image : with_paths["images"])
      for (const char* file : {"clean", "noise", "result"})
        if (const auto name = image[file].get<std::string>(); !name.empty()) image[file] = (folder / name).string();
    print_json(with_paths);
  } else {
    print(shown(record));
    print(fmt::format("record and pictures: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return place_.require_trust && record.trust != "ok" ? ExitStatus::failed : ExitStatus::done;
}

std::vector<FieldHelp> AttackCommand::json_keys() const { return help<AttackRecord>(); }

}  // namespace convscope
