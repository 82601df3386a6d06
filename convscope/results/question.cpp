#include "convscope/results/question.h"

#include <algorithm>
#include <array>
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

void remove_files(const Path& folder) {
  std::error_code none;
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.is_regular_file(none) && is_ours(entry.path())) files.push_back(entry.path());
  for (const Path& file : files) std::filesystem::remove(file, none);
}

}  // namespace

QuestionName::QuestionName(std::string_view what) : name_(folder_name_of(what)) {}

QuestionName& QuestionName::with(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  if (!key.empty()) name_ += fmt::format("-{}", key);
  name_ += "-" + letters_of(value);
  return *this;
}

QuestionName& QuestionName::of(const DataOrigin& data) {
  if (!data.split.empty() && data.split != "test") with("", data.split);
  return with("images", data.images);
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
  const std::string whose = fmt::format("{}\n{}\n{}", network.file.empty() ? network.name : network.file,
                                        data.folder.empty() ? data.name : data.folder, data.split);
  return parent / fmt::format("{}-{}", name.text(), digits_of(whose));
}

std::optional<Provenance> origin_in(const Path& record) {
  const Json known = with_provenance(read_gently(record));
  if (!known.is_object()) return std::nullopt;
  Json told = json_object();
  for (const char* key : {"network", "data"}) told[key] = known[key];
  try {
    return record_from_json<Provenance>(told, record.string());
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool same_origin(const Provenance& a, const Provenance& b) {
  const auto same_network = [](const NetworkOrigin& n, const NetworkOrigin& m) {
    if (!n.sha256.empty() && n.sha256 == m.sha256) return true;
    return n.file.empty() || m.file.empty() ? n.name == m.name : n.file == m.file;
  };
  const auto same_data = [](const DataOrigin& d, const DataOrigin& e) {
    if (!d.folder.empty() && !e.folder.empty()) return d.folder == e.folder && d.split == e.split;
    return d.text() == e.text();
  };
  return same_network(a.network, b.network) && same_data(a.data, b.data);
}

void require_no_loss(const Path& record, int64_t count, bool force) {
  if (force) return;
  const int64_t before = count_in(read_gently(record));
  require(before <= count, "{}: it is of {} images, and would be replaced by one of {}; `force` replaces it, another `out` keeps both",
          record.string(), before, count);
}

void remove_answer(const Path& folder, std::string_view file, std::span<const std::string_view> kept) {
  std::error_code none;
  if (!std::filesystem::exists(folder / file, none)) return;
  for (const std::string_view beneath : kept) remove_files(folder / beneath);
  remove_files(folder);
}

}  // namespace convscope
