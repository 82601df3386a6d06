#include "convscope/cli/commands/study.h"

#include <cmath>

#include "convscope/api/alias_under_attack.h"
#include "convscope/base/join.h"
#include "convscope/base/json_file.h"
#include "convscope/cli/output.h"
#include "convscope/cli/progress_line.h"
#include "convscope/cli/told.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"
#include "convscope/study/study.h"

namespace convscope {

namespace {

enum class Places {
  as_said,
  by_name,  // of what lies somewhere on this machine, its name
};

/** A value as it is typed. */
std::string typed(const Json& value, Places places) {
  if (value.is_array()) {
    std::vector<std::string> all;
    for (const Json& one : value) all.push_back(typed(one, places));
    return std::string(join(all, ","));
  }
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_string()) return value.dump();
  std::string text = value.get<std::string>();
  if (places == Places::by_name && Path(text).is_absolute()) text = Path(text).filename().string();
  return text.find_first_of(" \t\"'$&|;<>()*?#~") == std::string::npos && !text.empty() ? text : "'" + text + "'";
}

/** The command: to be typed again, or to be kept, with the flags that decide what comes out. */
std::string command_line(const std::string& study, const Flags& flags, Places places) {
  std::string text = "convscope study " + study;
  for (const Flag& flag : flags.all()) {
    const bool of_here = flag.name == "data-root" || flag.name == "threads";
    if (!flag.given || flag.name == "json" || (of_here && places == Places::by_name)) continue;
    text += " --" + flag.name;
    if (!flag.is_switch) text += ' ' + typed(flag.value(), places);
  }
  return text;
}

std::string cell(double v, const std::string& unit) { return std::isnan(v) ? "–" : fmt::format("{:.4g} {}", v, unit); }

std::string shown(const StudyRecord& record) {
  TextTable table({record.title, "published", "here", "95 % interval"}, {1, 2, 3});
  for (const StudyFigure& f : record.figures)
    table.row({"  " + f.what, cell(f.published, f.unit), cell(f.ours, f.unit),
               std::isnan(f.low) ? ""
               : f.unit.empty()  ? fmt::format("{:.2g} to {:.2g}", f.low, f.high)
                                 : fmt::format("{:.1f} to {:.1f}", f.low, f.high)});
  return table.text();
}

}  // namespace

void StudyCommand::declare(Flags& flags) {
  flags.choice("NAME", name_, "the study", studies().names());
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> StudyCommand::about() const {
  return {
      "Does a published study again, part by part, and ends with a page that shows the published figures beside ours. Ctrl-C keeps what is "
      "done; the same command goes on. A part whose data are not there is left open and told."};
}

std::vector<Mode> StudyCommand::modes() const {
  return {{"studies of networks of their own", {"run", "scale"}},
          {"aliasing and antialiasing without --net", {"run", "scale", "limit", "epsilon"}},
          {"aliasing and antialiasing with --net", flags_among({flags_of<Options>(), flags_of<NetworkOptions>()})}};
}

size_t StudyCommand::mode(const Flags& flags) const {
  if (!studies().make(name_.front())->takes_network()) return 0;
  return flags.given("net") ? 2 : 1;
}

ExitStatus StudyCommand::run(const Session& session) {
  if (options_.run.empty()) throw UsageError("study: --run is missing: the folder that the study is kept in");
  std::unique_ptr<ProgressLine> line;
  require_use(options_.limit >= 0, "--limit {}: a count of images was wanted; 0: as the scale has it", options_.limit);
  check_options([&] {
    (void)scale_named(options_.scale);
    UnderAttackOptions attacked;
    if (!options_.epsilon.empty()) attacked.epsilons = options_.epsilon;
    check_under_attack(attacked);
  });
  StudyContext context{.folder = options_.run,
                       .scale = scale_named(options_.scale),
                       .setting = session.setting(),
                       .network = options_.net,
                       .network_options = foreign_,
                       .data = options_.data,
                       .limit = options_.limit,
                       .epsilons = options_.epsilon,
                       .command = command_line(name_.front(), session.flags, Places::by_name)};
  context.setting.force = true;  // a part that is done again replaces what it left
  if (!options_.net.empty())     // what is wrong with it is told before anything is trained
    (void)choose_pictures({.data = options_.data}, told(open_network(options_.net, foreign_)), context.setting);
  context.hooks = [&](const TrainOptions& options) {
    line = std::make_unique<ProgressLine>(on_terminal(), colours_welcome(), options.validation > 0);
    TrainHooks hooks;
    hooks.progress = [&line](const TrainProgress& p) { line->show(p); };
    hooks.epoch_done = [&line, epochs = options.epochs](const EpochMetrics& m) { line->epoch_done(m, epochs); };
    return hooks;
  };
  bool all = true;
  try {
    all = run_study(name_.front(), *studies().make(name_.front()), context);
  } catch (const Stopped& e) {
    say(fmt::format("{}; all is kept: {}\n", e.what(), command_line(name_.front(), session.flags, Places::as_said)));
    return ExitStatus::interrupted;
  }
  const Path file = Path(options_.run) / kStudyFile;
  const StudyRecord record = provided_record<StudyRecord>(read_json(file), file.string());
  if (session.common.json) {
    print_json(fields_to_json(record));
  } else {
    print(shown(record));
    print(fmt::format("report: {}\n", (Path(options_.run) / kReportFile).string()));
  }
  return all ? ExitStatus::done : ExitStatus::failed;
}

std::vector<FieldHelp> StudyCommand::json_keys() const { return help<StudyRecord>(); }

}  // namespace convscope
