#include "convscope/cli/commands/attack.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "convscope/attack/attack.h"
#include "convscope/base/split.h"
#include "convscope/base/timer.h"
#include "convscope/cli/output.h"
#include "convscope/cli/pictures.h"
#include "convscope/data/locate.h"
#include "convscope/report/page.h"
#include "convscope/report/robustness_curve.h"
#include "convscope/study/attack_into.h"
#include "convscope/study/attacked_network.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

/** "0.01" or "8/255". */
std::optional<double> number_of(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return value_of<double>(text);
  const auto above = value_of<double>(text.substr(0, slash)), below = value_of<double>(text.substr(slash + 1));
  if (!above || !below || *below == 0) return std::nullopt;
  return *above / *below;
}

std::vector<double> parse_epsilons(const std::string& text) {
  std::vector<double> epsilons;
  if (text.empty()) return epsilons;
  for (const std::string_view part : split(std::string_view(text), ',')) {
    const auto epsilon = number_of(part);
    require(epsilon.has_value(), "--epsilon '{}': numbers such as 0.01 or 8/255 were wanted, with commas between", text);
    require(*epsilon >= 0, "--epsilon {}: it is below 0; a distance was wanted", part);
    epsilons.push_back(*epsilon);
  }
  return epsilons;
}

/** Which members have an option of that name. */
std::vector<std::string> members_with(const std::string& option) {
  std::vector<std::string> names;
  for (const auto& row : attacks().rows())
    for (const FieldHelp& field : row.options)
      if (field.name == option) names.push_back(row.name);
  return names;
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string shown(const AttackRecord& record) {
  TextTable head(
      {"clean accuracy", fmt::format("{}  ({} images; 95 % interval {} to {})", percent(record.clean_accuracy), grouped(record.examined),
                                     percent(record.clean_accuracy_interval_95[0]), percent(record.clean_accuracy_interval_95[1]))});
  head.row({"attacked", fmt::format("{} of {}", grouped(record.attacked), grouped(record.total))});
  TextTable table({"epsilon", "accuracy", "95 % interval", "as 8 bits", "top 5", "success", "flipped", "mean L2", "iterations"},
                  {0, 1, 3, 4, 5, 6, 7, 8});
  for (const AttackPoint& p : record.curve)
    table.row({record.bounded ? epsilon_text(p.epsilon) : "none", percent(p.accuracy),
               fmt::format("{} to {}", percent(p.accuracy_interval_95[0]), percent(p.accuracy_interval_95[1])), percent(p.accuracy_8bit),
               std::isnan(p.top5_accuracy) ? "" : percent(p.top5_accuracy), std::isnan(p.success_rate) ? "" : percent(p.success_rate),
               percent(p.flip_rate), fmt::format("{:.3f}", p.l2_mean), fmt::format("{:.1f}", p.iterations_mean)});
  return head.text() + "\n" + table.text() +
         fmt::format("\n{} slopes and {} answers in {:.1f} s\n", grouped(record.slopes), grouped(record.looks), record.seconds);
}

}  // namespace

void AttackCommand::declare(Flags& flags) {
  flags.argument("METHOD", method_, "a member of `convscope list attacks`, with its options: pgd,steps=100");
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(options_);
  for (const auto& row : attacks().rows())
    for (const FieldHelp& field : row.options) {
      const std::string text = fmt::format("of {}: {}", fmt::join(members_with(field.name), ", "), field.text);
      if (field.initial.is_boolean())
        flags.value(field.name, switches_[field.name], text);
      else
        flags.value(field.name, values_[field.name], text);
    }
  flags.fields(foreign_);
}

/** METHOD with the flags that are options of members; numbers may be fractions. */
Choice AttackCommand::choice(const Flags& flags) const {
  Choice made = parse_choice(method_.front());
  const Entry<Attack>& row = attacks().at(made.name);
  const auto given = [&](const std::string& name) {
    if (!flags.given(dashed(name))) return false;
    const bool common = name == "confidence";  // of any attack
    const std::vector<std::string> owners = members_with(name);
    if (!common && std::find(owners.begin(), owners.end(), made.name) == owners.end())
      throw UsageError(fmt::format("attack {}: --{} is for {}", made.name, dashed(name), fmt::join(owners, ", ")));
    require(common || !made.options.contains(name), "attack {}: {} is said twice", made.name, name);
    return !common;
  };
  for (const auto& [name, value] : switches_)
    if (given(name)) made.options[name] = value;
  for (const auto& [name, value] : values_)
    if (given(name)) made.options[name] = parse_choice(fmt::format("x,{}={}", name, value)).options[name];
  for (const FieldHelp& field : row.options)
    if (const auto it = made.options.find(field.name); it != made.options.end() && it->is_string() && field.initial.is_number())
      if (const auto number = number_of(it->get<std::string>())) *it = *number;
  return made;
}

std::vector<std::string> AttackCommand::about() const {
  return {
      "Looks for pictures near images that the network takes for something else, within each epsilon, and tells how many images are still "
      "right: the robustness curve. Pictures stay in the ball and in the pixel range to the last bit; what 8-bit files hold of them is "
      "judged too.",
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

ExitStatus AttackCommand::run(const Session& session) {
  AttackRequest asked{.attack = choice(session.flags)};
  const auto attack = attacks().make(asked.attack);  // a wrong one is told before anything is read
  asked.epsilons = parse_epsilons(options_.epsilon);
  if (asked.epsilons.empty() && attack->wants_epsilon())
    throw UsageError(
        fmt::format("attack {}: --epsilon is missing: how far pictures may be from their images, such as 8/255", asked.attack.name));
  if (attack->norm() == Norm::linf)
    for (const double epsilon : asked.epsilons) require(epsilon <= 1, "--epsilon {}: it is above 1, and pixels lie in [0, 1]", epsilon);
  if (!options_.confidence.empty()) {
    const auto confidence = number_of(options_.confidence);
    require(confidence && *confidence >= 0 && *confidence < 1, "--confidence '{}': a share from 0 to below 1 was wanted",
            options_.confidence);
    asked.confidence = *confidence;
  }
  require(options_.batch >= 0, "--batch {}: at least 1 was wanted; 0: as suits", options_.batch);
  const Precision precision = precision_of(session.common.precision);
  const Network network = open_network(network_.front(), foreign_);
  const Path out = folder_of_results(options_.out, network_.front());
  const std::string data_name = data_of({.data = options_.data, .split = options_.split, .images = {}, .image = {}}, network);
  const auto data = open_data(data_name, parse_split(options_.split), network, data_roots(session.common.data_root));
  check_fits(network.graph, *data);
  check_classes(network.classes, data->classes());

  const auto weights = network.weights();
  const int64_t batch = options_.batch > 0 ? options_.batch : usual_batch(network.image());
  AttackedNetwork judge(network.graph, weights, batch);
  std::unique_ptr<AttackedNetwork> coarser;
  if (precision != Precision::fp32) coarser = std::make_unique<AttackedNetwork>(network.graph, weights, batch, precision);

  asked.target = options_.target;
  asked.source = options_.source;
  asked.limit = options_.limit;
  asked.draw = options_.draw;
  asked.min_confidence = options_.min_confidence;
  asked.independent = options_.independent;
  asked.show = options_.show;
  asked.gain = options_.gain;
  asked.seed = static_cast<uint64_t>(session.common.seed);
  asked.network = network.name;
  asked.data_name = fmt::format("{}, {}", data_name, options_.split);
  asked.precision = session.common.precision;
  // A network from elsewhere may know its classes by number alone.
  if (!only_numbered(network.classes)) asked.classes = network.classes;
  asked.stop = session.stop;
  Timer since_said;
  asked.progress = [&](int64_t done, int64_t total) {
    const bool terminal = on_terminal();
    if (since_said.seconds() < (terminal ? 0.1 : 10)) return;
    since_said.restart();
    say(fmt::format("{}{} of {} images are done{}", terminal ? "\r" : "", grouped(done), grouped(total), terminal ? "\033[K" : "\n"));
  };
  const auto clear = [] {
    if (on_terminal()) say("\r\033[K");
  };
  AttackRecord record;
  try {
    record = attack_into(out, (coarser ? *coarser : judge).subject(), judge.subject(), *data, asked);
  } catch (const AttackStopped& e) {
    clear();
    say(fmt::format("attack {}: {}\n", asked.attack.name, e.what()));
    return ExitStatus::interrupted;
  }
  clear();
  write_report(out);

  const Path folder = attack_folder(out, record);
  if (session.common.json) {
    Json with_paths = fields_to_json(record);
    for (const char* file : {"pictures", "indices", "csv"}) with_paths[file] = (folder / with_paths[file].get<std::string>()).string();
    for (Json& image : with_paths["images"])
      for (const char* file : {"clean", "noise", "result"})
        if (const auto name = image[file].get<std::string>(); !name.empty()) image[file] = (folder / name).string();
    print_json(with_paths);
  } else {
    print(shown(record));
    print(fmt::format("record and pictures: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> AttackCommand::json_keys() const { return help<AttackRecord>(); }

}  // namespace convscope
