#include "convscope/results/question.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>

#include "convscope/base/json_file.h"
#include "convscope/base/md5.h"
#include "convscope/results/attribution_record.h"

namespace convscope {

namespace {

constexpr size_t kLongest = 100, kDigits = 8;
constexpr uint64_t kMostBytes = uint64_t{1} << 28;  // of a record

std::string digits_of(std::string_view text) { return md5(text).substr(0, kDigits); }

/** "1/255,2/255" → "1_255+2_255". */
std::string letters_of(std::string_view value) {
  std::string letters;
  for (const char c : value) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '+';
    letters += plain ? c : c == ',' ? '+' : c == '/' ? '_' : '-';
  }
  return letters;
}

/** Letters of two texts can be the same where other alphabets become '-', or an end is cut off: a digest tells those apart. */
std::string told_apart(std::string letters, std::string_view text) {
  const bool foreign = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return foreign || text.size() > kLongest ? fmt::format("{}-{}", letters, digits_of(text)) : letters;
}

/** Whether `images` names a file of numbers, which can hold others by now. */
bool are_in_file(const DataOrigin& data) {
  std::error_code none;
  return !data.split.empty() && data.images.find_first_not_of("0123456789,- ") != std::string::npos &&
         std::filesystem::is_regular_file(data.images, none);
}

/** The record's JSON; null where it cannot be read. */
Json read_gently(const Path& record) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(record, none)) return {};
  try {
    return read_json(record, kMostBytes);
  } catch (const Error&) {
    return {};
  }
}

/** How many images a record is of; 0 where it does not tell. */
int64_t count_in(const Json& record) {
  const Json known = with_provenance(record);
  if (!known.is_object()) return 0;
  const auto number = [](const Json& j, const char* key) {
    return j.is_object() && j.contains(key) && j[key].is_number_integer() ? j[key].get<int64_t>() : 0;
  };
  const int64_t count = number(known["data"], "count");
  return count > 0 ? count : std::max(number(known, "total"), number(known, "images"));  // as earlier versions tell it
}

bool is_ours(const Path& file) {
  constexpr std::array<std::string_view, 6> kEndings = {".png", ".svg", ".npy", ".csv", ".json", ".jsonl"};
  return std::find(kEndings.begin(), kEndings.end(), file.extension().string()) != kEndings.end();
}

void remove_files(const Path& folder, std::span<const std::string_view> others = {}) {
  std::error_code none;
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.is_regular_file(none) && is_ours(entry.path()) &&
        std::find(others.begin(), others.end(), entry.path().filename().string()) == others.end())
      files.push_back(entry.path());
  for (const Path& file : files) std::filesystem::remove(file, none);
}

}  // namespace

QuestionName::QuestionName(std::string_view what) : name_(told_apart(folder_name_of(what), what)) {}

QuestionName& QuestionName::with(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  if (!key.empty()) name_ += fmt::format("-{}", key);
  name_ += "-" + told_apart(letters_of(value), value);
  return *this;
}

QuestionName& QuestionName::of(const Provenance& origin) {
  const DataOrigin& data = origin.data;
  if (!data.split.empty() && data.split != "test") with("", data.split);
  with("images", data.images);
  if (data.images.find("random:") != std::string::npos) with("seed", std::to_string(origin.seed));
  if (are_in_file(data)) with("", data.digest.substr(0, kDigits));
  const std::string precision = precision_of(origin);
  return precision == "fp32" ? *this : with("", precision);
}

std::string QuestionName::text() const {
  if (name_.size() <= kLongest) return name_;
  return name_.substr(0, kLongest - kDigits - 1) + "-" + digits_of(name_);
}

Path question_folder(const Path& parent, const QuestionName& name, std::string_view file, const Provenance& origin) {
  const Path place = parent / name.text();
  const auto before = origin_in(place / file);
  if (!before || same_origin(*before, origin)) return place;
  const NetworkOrigin& network = origin.network;
  const DataOrigin& data = origin.data;
  const std::string whose =
      fmt::format("{}\n{}\n{}\n{}", network.file, network.name, data.folder.empty() ? data.name : data.folder, data.split);
  return parent / fmt::format("{}-{}", name.text(), digits_of(whose));
}

std::optional<Provenance> origin_in(const Path& record) {
  const Json known = with_provenance(read_gently(record));
  if (!known.is_object()) return std::nullopt;
  Json told = json_object();
  for (const char* key : {"network", "data"}) told[key] = known[key];
  for (const char* key : {"version", "options", "seed"})
    if (known.contains(key)) told[key] = known[key];
  try {
    return record_from_json<Provenance>(told, record.string());
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string precision_of(const Provenance& origin) {
  const Json& options = origin.options;
  const bool told = options.is_object() && options.contains("precision") && options["precision"].is_string();
  return told ? options["precision"].get<std::string>() : "fp32";
}

bool same_origin(const Provenance& a, const Provenance& b) {
  const bool both_tell = !a.version.empty() && !b.version.empty();  // earlier versions did not tell the file
  const auto same_network = [both_tell](const NetworkOrigin& n, const NetworkOrigin& m) {
    if (!n.sha256.empty() && n.sha256 == m.sha256) return true;
    if (both_tell) return n.file == m.file && n.name == m.name;
    return n.file.empty() || m.file.empty() ? n.name == m.name : n.file == m.file;
  };
  const auto same_data = [](const DataOrigin& d, const DataOrigin& e) {
    if (!d.folder.empty() && !e.folder.empty()) return d.folder == e.folder && d.split == e.split;
    return d.text() == e.text();
  };
  return same_network(a.network, b.network) && same_data(a.data, b.data);
}

void require_no_loss(const Path& record, const Provenance& now, bool force) {
  if (force) return;
  const auto before = origin_in(record);
  const bool both_tell = before && !before->network.sha256.empty() && !now.network.sha256.empty();
  if (both_tell && before->network.sha256 != now.network.sha256) return;
  const int64_t count = count_in(read_gently(record));
  require(count <= now.data.count,
          "{}: it is of {} images, and would be replaced by one of {}; `force` replaces it, another `out` keeps both", record.string(),
          count, now.data.count);
}

void remove_answer(const Path& folder, std::string_view file, std::span<const std::string_view> folders,
                   std::span<const std::string_view> others) {
  std::error_code none;
  if (!std::filesystem::exists(folder / file, none)) return;
  for (const std::string_view beneath : folders) remove_files(folder / beneath);
  remove_files(folder, others);
}

namespace {

/** What processes that died left of this answer. */
void remove_abandoned_parts(const Path& place) {
  const std::string begin = place.filename().string() + ".part";
  std::error_code none;
  std::vector<Path> parts;
  for (const auto& entry : std::filesystem::directory_iterator(place.parent_path(), none))
    if (entry.is_directory(none) && entry.path().filename().string().starts_with(begin)) parts.push_back(entry.path());
  for (const Path& part : parts) {
    try {
      const FolderLock nobody_works_in(part);
      std::filesystem::remove_all(part, none);
    } catch (const Error&) {
      // Another process is at work in it.
    }
  }
}

Path next_part(const Path& place) {
  static std::atomic<int64_t> count = 0;
  return fmt::format("{}.part-{}-{}", place.string(), ::getpid(), ++count);
}

}  // namespace

StagedAnswer::StagedAnswer(const Path& place) : place_(place) {
  constexpr int kTries = 100;  // another process may take a folder for abandoned before it is locked
  remove_abandoned_parts(place);
  for (int tries = 0; !lock_; ++tries) {
    part_ = next_part(place);
    make_folder(part_);
    try {
      lock_.emplace(part_);
    } catch (const Error&) {
      if (tries == kTries) throw;
    }
    if (!std::filesystem::exists(part_)) lock_.reset();
  }
}

StagedAnswer::~StagedAnswer() {
  std::error_code none;
  std::filesystem::remove_all(part_, none);
}

void StagedAnswer::finish() {
  make_folder(place_);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(part_)) {
    const Path to = place_ / entry.path().lexically_relative(part_);
    if (entry.is_directory()) {
      make_folder(to);
      continue;
    }
    std::error_code failed;
    std::filesystem::rename(entry.path(), to, failed);
    require(!failed, "{}: cannot move it to its place: {}", to.string(), failed.message());
  }
}

}  // namespace convscope
