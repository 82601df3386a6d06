#include "convscope/study/study.h"

#include <algorithm>

#include "convscope/api/provenance.h"
#include "convscope/base/date.h"
#include "convscope/base/json_file.h"
#include "convscope/base/nearest.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/models/model.h"
#include "convscope/report/page/page.h"
#include "convscope/results/study_results.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

constexpr std::pair<Scale, std::string_view> kScales[] = {{Scale::quick, "quick"}, {Scale::medium, "medium"}, {Scale::full, "full"}};

}  // namespace

std::string_view name_of(Scale scale) {
  for (const auto& [known, name] : kScales)
    if (known == scale) return name;
  return {};
}

Scale scale_named(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [scale, known] : kScales) {
    if (known == name) return scale;
    names.emplace_back(known);
  }
  fail("`scale`: no '{}'{}", name, known_names(name, names));
}

TrainingSummary StudyContext::train(const std::string& name, const Json& given, const WatchOptions& watch) const {
  Json wanted = given;
  if (!wanted.contains("precision")) wanted["precision"] = name_of(setting.execution.precision);
  if (!wanted.contains("engine")) wanted["engine"] = origin(setting.execution.engine);
  if (!wanted.contains("seed")) wanted["seed"] = setting.seed;
  const TrainOptions options = resolve_options(wanted);
  const Path run = folder / name;
  const bool begun = std::filesystem::exists(run / kLastNetwork);
  if (begun) {
    const Json before = options_in(run / kRunFile), now = fields_to_json(options);
    if (const auto changed = changed_option(before, now))
      fail("{}: it was begun with {} {}, not {}, as another version does it; a new `run` begins anew", run.string(), *changed,
           shown(before[*changed]), shown(now[*changed]));
  }
  const TrainingSummary summary =
      train_run(run, options, {.resume = begun, .watch = watch, .hooks = hooks ? hooks(options) : TrainHooks()}, setting);
  if (summary.ending == "stopped") throw Stopped(fmt::format("{}: stopped after {} epochs", run.string(), summary.epochs));
  return summary;
}

Path StudyContext::trained(const std::string& name) const {
  const Path run = folder / name, file = run / kLastNetwork;
  require(std::filesystem::exists(file), "{}: there is no trained network yet", file.string());
  return run;
}

Pictures test_pictures(const StudyContext& context, const TrainOptions& options) {
  const auto test = open_split(options, Split::test, context.setting.data_roots);
  return Pictures(test, test_data_of(options)).said_as(DataOrigin{.name = test_data_of(options), .split = "test"});
}

Provenance provenance_of(const StudyContext& context) {
  Json options = {{"scale", name_of(context.scale)},
                  {"net", context.network},
                  {"data", context.data},
                  {"limit", context.limit},
                  {"epsilons", context.epsilons}};
  options.update(fields_to_json(context.network_options));
  return provenance_of(std::move(options), context.setting);
}

namespace {

void save(const StudyRecord& record, const Path& folder) {
  write_json(folder / kStudyFile, fields_to_json(record));
  write_json(folder / kResultsFile, fields_to_json(results_of(record)));
}

/** How the part came to be, now that it is done. */
void sign(StudyPart& part, const StudyRecord& record, const StudyContext& context) {
  part.command = context.command;
  part.version = record.version;
  part.processor = record.processor;
  part.threads = threads();
  part.date = today();
}

StudyRecord opened(const std::string& name, const Study& study, const std::vector<Part>& parts, const StudyContext& context) {
  const Path file = context.folder / kStudyFile;
  const std::string scale(name_of(context.scale)), precision(name_of(context.setting.execution.precision));
  Provenance now = provenance_of(context);
  const int64_t seed = now.seed;
  StudyRecord record;
  record.study = name;
  record.title = study.title();
  record.scale = scale;
  record.precision = precision;
  const NetworkOrigin origin =
      context.network.empty() ? NetworkOrigin() : network_origin(open_network(context.network, context.network_options));
  record.network = origin;
  if (std::filesystem::exists(file)) {
    record = provided_record<StudyRecord>(read_json(file), file.string());
    require(record.study == name && record.scale == scale, "{}: there is the study {} at {} scale already; another `run` starts a new one",
            context.folder.string(), record.study, record.scale);
    require(record.precision == precision && record.seed == seed,
            "{}: the study was begun with `precision` {} and `seed` {}; go on with these, or start another `run`", context.folder.string(),
            record.precision, record.seed);
    const std::string net = record.options.value("net", record.network.name);
    require(net == context.network, "{}: the study was begun with {}; go on with that, or start another `run`", context.folder.string(),
            net.empty() ? "its own network, without `net`" : "`net` " + net);
    require(record.network.sha256 == origin.sha256, "{}: `net` {} is another file than when the study was begun; start another `run`",
            context.folder.string(), context.network);
    for (const auto& [key, value] : now.options.items()) {
      if (!record.options.contains(key) || record.options[key] == value) continue;
      const std::string before = shown(record.options[key]);
      // Parts hang on these that look themselves; those that are done stay as they are.
      require(key == "limit" || key == "epsilons", "{}: the study was begun with `{}` {}; go on with that, or start another `run`",
              context.folder.string(), key, before);
      if (std::ranges::any_of(record.parts, [](const StudyPart& p) { return p.state == "done"; }))
        context.setting.tell(
            fmt::format("parts that are done keep what they were done with: `{}` {} is for those that are open; another `run` "
                        "does all with it",
                        key, shown(value)));
    }
  }
  now.network = origin;
  now.data.name = context.data;
  now.data.limit = context.limit;
  record.came_from(std::move(now));
  // Parts that a later version added are open; those it no longer knows are gone.
  std::vector<StudyPart> known;
  for (const Part& part : parts) {
    const auto before = std::find_if(record.parts.begin(), record.parts.end(), [&](const StudyPart& p) { return p.name == part.name; });
    known.push_back(before != record.parts.end() ? *before : StudyPart{.name = part.name, .about = part.about, .folder = part.folder});
  }
  record.parts = std::move(known);
  std::erase_if(record.figures, [&](const StudyFigure& f) {
    return std::none_of(record.parts.begin(), record.parts.end(), [&](const StudyPart& p) { return p.name == f.part; });
  });
  return record;
}

}  // namespace

bool run_study(const std::string& name, const Study& study, const StudyContext& context) {
  require(context.network.empty() || study.takes_network(), "study {}: it trains its own networks; `net` is for others", name);
  std::vector<Part> parts = study.parts(context.scale);
  if (!context.network.empty()) std::erase_if(parts, [](const Part& part) { return part.of_own_network; });
  make_folder(context.folder);
  const FolderLock lock(context.folder);
  StudyRecord record = opened(name, study, parts, context);
  bool all = true, ran = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    StudyPart& state = record.parts[i];
    if (state.state == "done") continue;
    context.setting.tell(fmt::format("{}: {}", parts[i].name, parts[i].about));
    state.state = "begun";
    ran = true;
    save(record, context.folder);
    Timer timer;
    try {
      const std::vector<StudyFigure> figures = parts[i].run(context);
      std::erase_if(record.figures, [&](const StudyFigure& f) { return f.part == state.name; });
      for (StudyFigure figure : figures) {
        figure.part = state.name;
        record.figures.push_back(std::move(figure));
      }
      state.state = "done";
      sign(state, record, context);
    } catch (const Stopped&) {
      state.seconds += timer.seconds();
      save(record, context.folder);
      write_report(context.folder);
      throw;
    } catch (const Error& e) {
      context.setting.tell(fmt::format("{}: left open: {}", parts[i].name, e.what()));
      state.state = "open";
      all = false;
    }
    state.seconds += timer.seconds();
    save(record, context.folder);
    write_report(context.folder);
  }
  if (!ran) write_report(context.folder);  // this version may show more
  return all;
}

}  // namespace convscope
