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

bool AttackLog::is_possible(const Entry& entry) const {
  const auto is_class = [&](int64_t y) { return y >= 0 && y < classes_; };
  bool possible = entry.row >= 0 && entry.slopes >= 0 && entry.looks >= 0;
  for (const Outcome& o : entry.radius)
    possible = possible && is_class(o.exact.predicted) && is_class(o.png.predicted) && o.iterations >= 0;
  return possible;
}

size_t AttackLog::read(std::string_view all) {
  Bytes bytes(all);
  size_t whole = 0;
  while (bytes.left() > 0) {
    Entry entry;
    const auto part = bytes.take<int64_t>();
    entry.row = bytes.take<int64_t>();
    entry.slopes = bytes.take<int64_t>();
    entry.looks = bytes.take<int64_t>();
    entry.flat = bytes.take<uint8_t>() != 0;
    entry.nearest = bytes.take<double>();
    const auto seconds = bytes.take<double>();
    const auto radii = bytes.take<uint64_t>();
    if (radii > kMostRadii) break;
    entry.radius.resize(radii);
    for (Outcome& outcome : entry.radius)
      each_number(outcome, [&]<typename T>(T& value) {
        if constexpr (std::is_same_v<T, bool>)
          value = bytes.take<uint8_t>() != 0;
        else
          value = bytes.take<T>();
      });
    const auto numbers = bytes.take<uint64_t>();
    if (!bytes.enough() || numbers > bytes.left() / sizeof(float)) break;
    entry.x.resize(numbers);
    for (float& v : entry.x) v = bytes.take<float>();
    const uint64_t sum = check_sum(all.substr(whole, bytes.at() - whole));
    if (bytes.take<uint64_t>() != sum || !bytes.enough() || !is_possible(entry)) break;
    whole = bytes.at();
    before_[part] = seconds;
    entries_[part].push_back(std::move(entry));
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
  for (const Entry& entry : known.mapped()) {
    const auto row = static_cast<size_t>(entry.row);
    const bool fits = row < is_wanted.size() && entry.radius.size() == result.epsilons.size() &&
                      (entry.x.empty() || std::ssize(entry.x) == result.x.shape().inner());
    if (!fits || !is_wanted[row]) continue;
    is_wanted[row] = 0;
    for (size_t e = 0; e < entry.radius.size(); ++e) result.radius[e][row] = entry.radius[e];
    if (!result.nearest.empty()) result.nearest[row] = entry.nearest;
    result.flat[row] = entry.flat;
    result.slopes += entry.slopes;
    result.looks += entry.looks;
    std::copy(entry.x.begin(), entry.x.end(), result.x.row(entry.row).begin());
  }
  std::vector<int64_t> rest;
  for (const int64_t n : wanted)
    if (is_wanted[static_cast<size_t>(n)]) rest.push_back(n);
  return rest;
}

void AttackLog::keep(int64_t part, int64_t row, const AttackResult& result, int64_t slopes, int64_t looks) {
  const auto at = static_cast<size_t>(row);
  std::string bytes;
  put(bytes, part);
  put(bytes, row);
  put(bytes, slopes);
  put(bytes, looks);
  put(bytes, uint8_t{result.flat[at]});
  put(bytes, result.nearest.empty() ? HUGE_VAL : result.nearest[at]);
  put(bytes, seconds(part));
  put(bytes, uint64_t{result.radius.size()});
  for (const auto& outcomes : result.radius)
    each_number(outcomes[at], [&]<typename T>(const T& value) {
      if constexpr (std::is_same_v<T, bool>)
        put(bytes, static_cast<uint8_t>(value));
      else
        put(bytes, value);
    });
  const bool counts = part == 0 || result.radius.back()[at].exact.success;
  const std::span<const float> x = counts ? result.x.row(row) : std::span<const float>();
  put(bytes, uint64_t{x.size()});
  bytes.append(reinterpret_cast<const char*>(x.data()), x.size_bytes());
  put(bytes, check_sum(bytes));
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
