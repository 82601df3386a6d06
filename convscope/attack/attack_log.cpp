#include "convscope/attack/attack_log.h"

#include <cmath>
#include <cstring>
#include <fstream>

namespace convscope {

namespace {

constexpr std::string_view kFirstLine = "convscope attack 1, ";
constexpr size_t kMostRadii = 1 << 16;

/** Fowler, Noll and Vo's hash: whether an entry is whole. */
uint64_t check_sum(std::string_view bytes) {
  uint64_t sum = 0xcbf29ce484222325;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

template <typename T>
void put(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/** Numbers from bytes, as long as there are any. */
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T take() {
    T value{};
    if (left() < sizeof value) {
      enough_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  size_t left() const { return bytes_.size() - at_; }
  size_t at() const { return at_; }
  bool enough() const { return enough_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool enough_ = true;
};

/** Each number of an outcome, for those who write and those who read. */
void each_number(auto& outcome, auto&& number) {
  for (auto* verdict : {&outcome.exact, &outcome.png}) {
    number(verdict->predicted);
    number(verdict->confidence);
    number(verdict->correct);
    number(verdict->top5);
    number(verdict->success);
  }
  number(outcome.linf);
  number(outcome.l2);
  number(outcome.l1);
  number(outcome.linf_png);
  number(outcome.epsilon);
  number(outcome.iterations);
  number(outcome.whole);
}

}  // namespace

AttackLog::AttackLog(Path file, std::string_view question, int64_t classes) : file_(std::move(file)), classes_(classes) {
  const std::string first = fmt::format("{}{}\n", kFirstLine, question);
  std::error_code none;
  size_t whole = 0;
  if (std::filesystem::is_regular_file(file_, none)) {
    const std::string bytes = read_file(file_);
    if (bytes.starts_with(first)) whole = first.size() + read(std::string_view(bytes).substr(first.size()));
  }
  if (whole == 0)
    write_file(file_, first);
  else
    std::filesystem::resize_file(file_, whole);
}

bool AttackLog::is_possible(const AttackedImage& entry) const {
  const auto is_class = [&](int64_t y) { return y >= 0 && y < classes_; };
  bool possible = entry.row >= 0 && entry.slopes >= 0 && entry.looks >= 0;
  for (const Outcome& o : entry.radius)
    possible = possible && is_class(o.exact.predicted) && is_class(o.png.predicted) && o.iterations >= 0;
  return possible;
}

AttackedImage AttackedImage::of(int64_t part, int64_t row, const AttackResult& result, int64_t slopes, int64_t looks) {
  const auto at = static_cast<size_t>(row);
  AttackedImage image{.part = part, .row = row, .slopes = slopes, .looks = looks, .flat = result.flat[at] != 0};
  image.nearest = result.nearest.empty() ? HUGE_VAL : result.nearest[at];
  for (const auto& outcomes : result.radius) image.radius.push_back(outcomes[at]);
  const bool counts = part == 0 || result.radius.back()[at].exact.success;
  if (counts) image.x.assign(result.x.row(row).begin(), result.x.row(row).end());
  return image;
}

bool AttackedImage::fits(const AttackResult& result) const {
  return row >= 0 && row < std::ssize(result.clean) && radius.size() == result.epsilons.size() &&
         (x.empty() || std::ssize(x) == result.x.shape().inner());
}

void AttackedImage::put_into(AttackResult& result) const {
  const auto at = static_cast<size_t>(row);
  for (size_t e = 0; e < radius.size(); ++e) result.radius[e][at] = radius[e];
  if (!result.nearest.empty()) result.nearest[at] = nearest;
  result.flat[at] = flat;
  result.slopes += slopes;
  result.looks += looks;
  std::copy(x.begin(), x.end(), result.x.row(row).begin());
}

std::string AttackedImage::bytes() const {
  std::string all;
  put(all, part);
  put(all, row);
  put(all, slopes);
  put(all, looks);
  put(all, static_cast<uint8_t>(flat));
  put(all, nearest);
  put(all, seconds);
  put(all, uint64_t{radius.size()});
  for (const Outcome& outcome : radius)
    each_number(outcome, [&]<typename T>(const T& value) {
      if constexpr (std::is_same_v<T, bool>)
        put(all, static_cast<uint8_t>(value));
      else
        put(all, value);
    });
  put(all, uint64_t{x.size()});
  all.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(float));
  put(all, check_sum(all));
  return all;
}

std::optional<AttackedImage> AttackedImage::take(std::string_view& all) {
  Bytes bytes(all);
  AttackedImage entry;
  entry.part = bytes.take<int64_t>();
  entry.row = bytes.take<int64_t>();
  entry.slopes = bytes.take<int64_t>();
  entry.looks = bytes.take<int64_t>();
  entry.flat = bytes.take<uint8_t>() != 0;
  entry.nearest = bytes.take<double>();
  entry.seconds = bytes.take<double>();
  const auto radii = bytes.take<uint64_t>();
  if (radii > kMostRadii) return std::nullopt;
  entry.radius.resize(radii);
  for (Outcome& outcome : entry.radius)
    each_number(outcome, [&]<typename T>(T& value) {
      if constexpr (std::is_same_v<T, bool>)
        value = bytes.take<uint8_t>() != 0;
      else
        value = bytes.take<T>();
    });
  const auto numbers = bytes.take<uint64_t>();
  if (!bytes.enough() || numbers > bytes.left() / sizeof(float)) return std::nullopt;
  entry.x.resize(numbers);
  for (float& v : entry.x) v = bytes.take<float>();
  const uint64_t sum = check_sum(all.substr(0, bytes.at()));
  if (bytes.take<uint64_t>() != sum || !bytes.enough()) return std::nullopt;
  all.remove_prefix(bytes.at());
  return entry;
}

size_t AttackLog::read(std::string_view all) {
  std::string_view rest = all;
  size_t whole = 0;
  while (!rest.empty()) {
    std::optional<AttackedImage> entry = AttackedImage::take(rest);
    if (!entry || !is_possible(*entry)) break;
    whole = all.size() - rest.size();
    before_[entry->part] = entry->seconds;
    entries_[entry->part].push_back(std::move(*entry));
    ++known_;
  }
  return whole;
}

std::vector<int64_t> AttackLog::go_on(int64_t part, std::span<const int64_t> wanted, AttackResult& result) {
  timers_[part].restart();
  const auto known = entries_.extract(part);
  if (known.empty()) return {wanted.begin(), wanted.end()};
  std::vector<uint8_t> is_wanted(result.clean.size());
  for (const int64_t n : wanted) is_wanted[static_cast<size_t>(n)] = 1;
  for (const AttackedImage& entry : known.mapped()) {
    if (!entry.fits(result) || !is_wanted[static_cast<size_t>(entry.row)]) continue;
    is_wanted[static_cast<size_t>(entry.row)] = 0;
    entry.put_into(result);
  }
  std::vector<int64_t> rest;
  for (const int64_t n : wanted)
    if (is_wanted[static_cast<size_t>(n)]) rest.push_back(n);
  return rest;
}

void AttackLog::keep(int64_t part, int64_t row, const AttackResult& result, int64_t slopes, int64_t looks) {
  AttackedImage image = AttackedImage::of(part, row, result, slopes, looks);
  image.seconds = seconds(part);
  const std::string bytes = image.bytes();
  std::ofstream file(file_, std::ios::binary | std::ios::app);
  file.write(bytes.data(), std::ssize(bytes));
  file.close();
  require(file.good(), "{}: cannot write what was found", file_.string());
}

double AttackLog::seconds(int64_t part) const {
  const auto before = before_.find(part);
  const auto timer = timers_.find(part);
  return (before == before_.end() ? 0 : before->second) + (timer == timers_.end() ? 0 : timer->second.seconds());
}

double AttackLog::seconds_before() const {
  double sum = 0;
  for (const auto& [part, seconds] : before_) sum += seconds;
  return sum;
}

void AttackLog::remove() const {
  std::error_code none;
  std::filesystem::remove(file_, none);
}

}  // namespace convscope
