#include "convscope/cli/commands/data.h"

#include <algorithm>
#include <optional>

#include "convscope/base/join.h"
#include "convscope/base/timer.h"
#include "convscope/cli/output.h"
#include "convscope/data/get.h"
#include "convscope/data/imagenet.h"
#include "convscope/data/locate.h"
#include "convscope/results/result.h"

namespace convscope {

namespace {

constexpr size_t kColumns = 100;

void list(std::span<const Path> roots, bool json) {
  Json found = json_list();
  std::string text, missing;
  for (const auto& row : data_sources().rows()) {
    const auto source = row.make(json_object());
    const auto place = find_data(*source, Split::train, roots);
    const bool whole = place && find_data(*source, Split::test, roots);
    const std::string how = source->how_to_get(roots.empty() ? Path("$CONVSCOPE_DATA") : roots.back());
    found.push_back(
        {{"name", row.name}, {"summary", row.summary}, {"found", whole}, {"folder", whole ? place->string() : ""}, {"how_to_get", how}});
    const std::string where = !whole ? "not found" : source->generated() ? how : "in " + place->string();
    text += fmt::format("{:<14} {}\n{:<14} {}\n", row.name, row.summary, "", where);
    if (!whole) missing += fmt::format("\n{}:\n{}", row.name, wrapped(how, 2, kColumns));
  }
  if (json) return print_json({{"data", std::move(found)}});
  print(text + (missing.empty() ? "" : "\nTo get what is not found:\n" + missing));
}

/** Bytes on their way as people watch them, on stderr: a line redrawn ten times a second on a terminal, else one every ten seconds. */
class BytesLine {
 public:
  ~BytesLine() { clear(); }

  void show(const std::string& what, int64_t done, int64_t total) {
    if (what != what_) {
      clear();
      what_ = what, begun_at_ = done;
      since_begun_.restart(), since_drawn_.restart();
      if (!terminal_) say(what + "\n");
    }
    if (since_drawn_.seconds() < (terminal_ ? 0.1 : 10.0)) return;
    since_drawn_.restart();
    const double rate = static_cast<double>(done - begun_at_) / std::max(since_begun_.seconds(), 1e-3);
    std::string line = fmt::format("{}  {}", what, bytes_text(done));
    if (total > 0) line += fmt::format(" of {}", bytes_text(total));
    line += fmt::format("  {}/s", bytes_text(static_cast<int64_t>(rate)));
    if (total > 0 && rate > 0) line += fmt::format("  {} left", duration_text(static_cast<double>(total - done) / rate));
    if (!terminal_) return say(line + "\n");
    constexpr int kBar = 20;
    const int filled = total > 0 ? static_cast<int>(std::clamp<int64_t>(done * kBar / total, 0, kBar)) : 0;
    std::string bar;
    for (int i = 0; i < kBar; ++i) bar += i < filled ? "█" : " ";
    const bool room = total > 0 && letters(line) + kBar + 4 < static_cast<size_t>(terminal_columns());
    say("\r\033[K" + (room ? "▕" + bar + "▏ " : "") + line);
    drawn_ = true;
  }
  void clear() {
    if (drawn_) say("\r\033[K");
    drawn_ = false;
  }

 private:
  const bool terminal_ = on_terminal();
  bool drawn_ = false;
  std::string what_;
  int64_t begun_at_ = 0;
  Timer since_begun_, since_drawn_;
};

Json to_json(const std::string& name, const Path& folder, const DataFacts& facts) {
  Json splits = json_list(), files = json_list();
  for (const SplitFacts& s : facts.splits) splits.push_back(fields_to_json(s));
  for (const FileFacts& f : facts.files) files.push_back(fields_to_json(f));
  return {{"name", name},
          {"folder", folder.string()},
          {"splits", std::move(splits)},
          {"files", std::move(files)},
          {"warnings", facts.warnings}};
}

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> all;
  for (const double v : values) all.push_back(fmt::format("{:.4f}", v));
  return join(all, " ");
}

std::string counts(const std::vector<int64_t>& each) {
  if (each.empty()) return "–";
  const auto [low, high] = std::minmax_element(each.begin(), each.end());
  if (*low == *high) return fmt::format("{} each", grouped(*low));
  constexpr size_t kFewClasses = 12;
  if (each.size() <= kFewClasses) return join(each, " ");
  return fmt::format("{} to {}", grouped(*low), grouped(*high));
}

/** What was compared with what its makers published. */
std::string agreement(const DataFacts& facts) {
  if (facts.files.empty()) return "made here, as many of each class as published";
  const auto known = [&](const FileFacts& file) {
    if (!file.official_md5.empty()) return true;
    // What lies in an archive is known where the archive is.
    return std::any_of(facts.files.begin(), facts.files.end(), [&](const FileFacts& archive) {
      return !archive.official_md5.empty() && Path(file.file).parent_path() == Path(archive.file);
    });
  };
  if (std::all_of(facts.files.begin(), facts.files.end(), known)) return "as published: counts and checksums";
  return "counts as published; there are no published checksums of unpacked files to compare theirs with";
}

std::string shown(const std::string& name, const Path& folder, const DataFacts& facts) {
  TextTable table({"split", "images", "per class", "mean", "deviation"}, {1});
  for (const SplitFacts& s : facts.splits)
    table.row({s.split, grouped(s.images), counts(s.per_class), numbers(s.mean), numbers(s.deviation)});
  std::string text = fmt::format("{}{}\n\n{}", name, folder.empty() ? "" : " in " + folder.string(), table.text());
  for (const std::string& warning : facts.warnings) text += "\nwarning: " + warning + "\n";
  if (facts.warnings.empty()) text += "\n" + agreement(facts) + "\n";
  return text;
}

/** One data set; its absence is an error. */
std::pair<Path, DataFacts> check_one(const DataSource& source, std::span<const Path> roots) {
  const Path folder = locate_data(source, Split::train, roots);
  return {folder, source.check(folder)};
}

void check(const std::vector<std::string>& wanted, std::span<const Path> roots, bool json) {
  Json all = json_list();
  std::string text;
  const auto add = [&](const std::string& name, const DataSource& source) {
    const auto [folder, facts] = check_one(source, roots);
    all.push_back(to_json(name, folder, facts));
    text += (text.empty() ? "" : "\n") + shown(name, folder, facts);
  };
  if (!wanted.empty()) {
    add(wanted.front(), *data_sources().make(parse_choice(wanted.front())));
  } else {
    for (const auto& row : data_sources().rows())
      if (const auto source = row.make(json_object()); source->published() && find_data(*source, Split::train, roots))
        add(row.name, *source);
  }
  require(!all.empty(), "no data set is found; `convscope data list` says how to get them");
  if (json) return print_json({{"data", std::move(all)}});
  print(text);
}

constexpr const char* kDeeds[] = {"list", "check", "get", "prepare"};

ExitStatus interrupted(std::string_view what) {
  say(fmt::format("{}: stopped; run again to go on\n", what));
  return ExitStatus::interrupted;
}

}  // namespace

void DataCommand::declare(Flags& flags) {
  flags.choice("DEED", deed_,
               "list: what is known and where it is; check: reads it all and counts; get: fetches it; prepare: makes class folders of "
               "ImageNet's tar",
               {std::begin(kDeeds), std::end(kDeeds)});
  flags.argument("NAME", names_, "the data set; for check without it: all that are found; for prepare: imagenet TAR", false, true);
  flags.fields(options_);
}

std::vector<std::string> DataCommand::about() const {
  return {
      "Data are looked for in --data-root, then $CONVSCOPE_DATA, then where Debian's packages put them, then the user's cache folder.",
      fmt::format("`get` fetches {} into a folder of that name in --data-root, else $CONVSCOPE_DATA, else the user's cache folder. What "
                  "breaks off goes on when it is run again.",
                  join(names_to_get(), ", ")),
      "ImageNet is given out by image-net.org by permission: `prepare imagenet ILSVRC2012_img_val.tar` unpacks its validation set into "
      "class folders."};
}

std::vector<std::string> DataCommand::examples() const {
  return {"convscope data list", "convscope data check fashion-mnist --json", "convscope data get cifar10",
          "convscope data prepare imagenet ILSVRC2012_img_val.tar --labels ILSVRC2012_devkit_t12.tar.gz --out imagenet"};
}

bool DataCommand::ends_when_asked() const { return !deed_.empty() && (deed_.front() == "get" || deed_.front() == "prepare"); }

std::vector<Mode> DataCommand::modes() const {
  return {{"data list", {}}, {"data check", {}}, {"data get", {"from"}}, {"data prepare", {"labels", "out"}}};
}

size_t DataCommand::mode(const Flags&) const {
  return static_cast<size_t>(std::find(std::begin(kDeeds), std::end(kDeeds), deed_.front()) - std::begin(kDeeds));
}

ExitStatus DataCommand::run(const Session& session) {
  const std::string& deed = deed_.front();
  const std::vector<std::string> known(std::begin(kDeeds), std::end(kDeeds));
  if (std::find(known.begin(), known.end(), deed) == known.end())
    throw UsageError(fmt::format("data: no '{}'{}", deed, known_names(deed, known)));
  const size_t most = deed == "list" ? 0 : deed == "prepare" ? 2 : 1;
  if (names_.size() > most) throw UsageError(fmt::format("data {}: '{}' is one word too many", deed, names_[most]));
  if (deed == "get") return get(session);
  if (deed == "prepare") return prepare(session);

  const std::vector<Path> roots = data_roots(session.common.data_root);
  if (deed == "list")
    list(roots, session.common.json);
  else
    check(names_, roots, session.common.json);
  return ExitStatus::done;
}

ExitStatus DataCommand::get(const Session& session) const {
  const std::vector<std::string> known = names_to_get();
  if (names_.empty()) throw UsageError(fmt::format("data get: which? known: {}", join(known, ", ")));
  const std::string& name = names_.front();
  require(name != "imagenet", "imagenet: is given out by image-net.org by permission; then `convscope data prepare imagenet TAR`");
  BytesLine line;
  GetOptions options;
  options.from = options_.from;
  options.stop = session.stop;
  options.progress = [&](const GetProgress& p) { line.show((p.unpacking ? "unpacking " : "fetching ") + p.file, p.done, p.total); };
  const Got got = get_data(name, download_root(session.common.data_root), options);
  line.clear();
  if (got.stopped) return interrupted(name);
  if (session.common.json) {
    print_json({{"data", Json::array({to_json(name, got.folder, got.facts)})}});
    return ExitStatus::done;
  }
  int64_t images = 0;
  for (const SplitFacts& split : got.facts.splits) images += split.images;
  std::string text = fmt::format("{}: {} images in {}{}\n", name, grouped(images), got.folder.string(), got.was_there ? ", as before" : "");
  for (const std::string& warning : got.facts.warnings) text += "warning: " + warning + "\n";
  print(text);
  return ExitStatus::done;
}

ExitStatus DataCommand::prepare(const Session& session) const {
  if (names_.empty() || names_.front() != "imagenet")
    throw UsageError(fmt::format("data prepare: '{}' is not what it prepares{}", names_.empty() ? "" : names_.front(),
                                 known_names(names_.empty() ? "" : names_.front(), std::vector<std::string>{"imagenet"})));
  if (names_.size() < 2) throw UsageError("data prepare imagenet: TAR is missing; ILSVRC2012_img_val.tar was wanted");
  if (options_.labels.empty())
    throw UsageError("data prepare imagenet: --labels is missing; the devkit or a text with a class a line was wanted");
  if (options_.out.empty()) throw UsageError("data prepare imagenet: --out is missing; it is the folder in which val/ is made");
  const Path tar = names_[1];
  BytesLine line;
  PrepareOptions options;
  options.stop = session.stop;
  options.progress = [&](int64_t done, int64_t total) { line.show("unpacking " + tar.filename().string(), done, total); };
  const Prepared done = prepare_imagenet(tar, options_.labels, options_.out, options);
  line.clear();
  if (done.stopped) return interrupted("imagenet");
  std::vector<std::string> warnings;
  if (done.images != kImagenetValidation)
    warnings.push_back(
        fmt::format("ImageNet's validation set has {} images in 1 000 classes; as many as labels were there is not all of it",
                    grouped(kImagenetValidation)));
  if (session.common.json) {
    print_json({{"prepared",
                 {{"folder", done.folder.string()},
                  {"images", done.images},
                  {"classes", done.classes},
                  {"written", done.written},
                  {"warnings", warnings}}}});
    return ExitStatus::done;
  }
  std::string text = fmt::format("imagenet: {} images in {} classes in {}{}\n", grouped(done.images), grouped(done.classes),
                                 done.folder.string(), done.written == 0 ? ", as before" : "");
  for (const std::string& warning : warnings) text += "warning: " + warning + "\n";
  print(text);
  return ExitStatus::done;
}

std::vector<FieldHelp> DataCommand::json_keys() const {
  return {{"data", "", "list: `[{name, summary, found, folder, how_to_get}]`; check and get: `[{name, folder, splits, files, warnings}]`"},
          {"prepared", "", "prepare: `{folder, images, classes, written, warnings}`"}};
}

}  // namespace convscope
