#include "convscope/api/picture_choice.h"

#include <algorithm>
#include <optional>

#include "convscope/api/pictures.h"
#include "convscope/base/nearest.h"
#include "convscope/base/random.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/data/subset.h"
#include "convscope/results/answers.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

const std::vector<std::string> kWords = {"mistakes", "right", "class", "predicted", "confidence", "random"};

/** The numbers in a file; nothing where the text names none. */
std::optional<std::vector<int64_t>> numbers_in_file(std::string_view text, int64_t count) {
  constexpr size_t kMost = 64 << 20;
  const Path file(text);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  std::string content = read_file(file, kMost);
  std::replace_if(
      content.begin(), content.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t' || c == ' '; }, ',');
  std::vector<int64_t> numbers;
  for (const std::string_view part : split(std::string_view(content), ',')) {
    if (part.empty()) continue;
    const std::vector<int64_t> some = parse_numbers(part, count, file.string());
    numbers.insert(numbers.end(), some.begin(), some.end());
  }
  require(!numbers.empty(), "{}: no number of an image in it", file.string());
  return numbers;
}

bool is_numbers(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789,- ") == std::string_view::npos; }

/** What is left of the samples, and what the network says of them once somebody asks. */
class Sieve {
 public:
  Sieve(const std::shared_ptr<const Dataset>& data, const Network& network, const Setting& setting)
      : data_(data), network_(network), setting_(setting), left_(usual_order(*data)) {}

  void apply(std::string_view term) {
    const size_t sign = term.find_first_of("=:");
    const std::string_view word = term.substr(0, sign), value = sign == std::string_view::npos ? "" : term.substr(sign + 1);
    if (term == "mistakes" || term == "right") {
      keep_by_answer([&](const Answer& a) { return (a.predicted == a.label) == (term == "right"); });
    } else if (word == "class") {
      const std::vector<int64_t> wanted = classes(value);
      keep([&](int64_t n) { return has(wanted, data_->label(n)); });
    } else if (word == "predicted") {
      const std::vector<int64_t> wanted = classes(value);
      keep_by_answer([&](const Answer& a) { return has(wanted, a.predicted); });
    } else if (word == "confidence") {
      const auto [least, most] = range(value);
      keep_by_answer([&](const Answer& a) { return a.confidence >= least && a.confidence <= most; });
    } else if (word == "random") {
      draw(value);
    } else {
      fail(
          "`images` '{}': '{}' is neither numbers, nor a file, nor one of mistakes, right, class=NAME, predicted=NAME, "
          "confidence=LOW-HIGH, "
          "random:COUNT{}",
          term, term, known_names(word, kWords));
    }
    require(!left_.empty(), "`images`: no image is left by '{}'", term);
  }

  const std::vector<int64_t>& left() const { return left_; }

 private:
  template <typename Wanted>
  void keep(Wanted&& wanted) {
    std::erase_if(left_, [&](int64_t n) { return !wanted(n); });
  }

  template <typename Wanted>
  void keep_by_answer(Wanted&& wanted) {
    ask();
    keep([&](int64_t n) { return wanted(answers_[static_cast<size_t>(n)]); });
  }

  /** The network's answers to those that are left, once. */
  void ask() {
    if (!answers_.empty()) return;
    answers_.resize(static_cast<size_t>(data_->size()));
    const auto asked = std::make_shared<Subset>(data_, left_);
    constexpr int64_t kBatch = 256;
    Evaluator evaluator(network_.graph, network_.weights(), asked, setting_.execution, kBatch);
    evaluator.run(setting_.progress, [&](int64_t index, std::span<const float> logits) {
      const int64_t n = left_[static_cast<size_t>(index)];
      answers_[static_cast<size_t>(n)] = answer_of(n, data_->label(n), logits);
    });
  }

  std::vector<int64_t> classes(std::string_view names) const {
    std::vector<int64_t> all;
    for (const std::string_view name : split(names, '/')) all.push_back(parse_class(name, network_.classes));
    return all;
  }

  static bool has(const std::vector<int64_t>& classes, int64_t y) { return std::find(classes.begin(), classes.end(), y) != classes.end(); }

  static std::pair<double, double> range(std::string_view text) {
    const size_t dash = text.find('-');
    const auto low = share_of(text.substr(0, dash));
    const auto high = dash == std::string_view::npos ? std::optional(1.0) : share_of(text.substr(dash + 1));
    require(low && high && *low >= 0 && *low <= *high && *high <= 1,
            "`images` confidence={}: two shares with a - between were wanted, confidence=0-0.6", text);
    return {*low, *high};
  }

  void draw(std::string_view text) {
    const auto count = value_of<int64_t>(text);
    require_use(count && *count >= 1, "`images` random:{}: a count of images was wanted, random:20", text);
    std::vector<int64_t> drawn;
    for (const int64_t place : permutation(std::ssize(left_), RandomStream(setting_.seed, "images")))
      if (std::ssize(drawn) < *count) drawn.push_back(left_[static_cast<size_t>(place)]);
    left_ = std::move(drawn);
  }

  const std::shared_ptr<const Dataset>& data_;
  const Network& network_;
  const Setting& setting_;
  std::vector<int64_t> left_;
  std::vector<Answer> answers_;  // by number; of those that were asked about
};

}  // namespace

PictureChoice choose_numbers(std::string_view text, const std::shared_ptr<const Dataset>& data, const Network& network,
                             const Setting& setting) {
  if (is_numbers(text)) return {parse_numbers(text, data->size(), "`images`")};
  const std::vector<std::string_view> terms = split(text, '+');
  const std::string_view word = terms.front().substr(0, terms.front().find_first_of("=:"));
  if (std::find(kWords.begin(), kWords.end(), word) == kWords.end())
    if (auto numbers = numbers_in_file(text, data->size())) return {std::move(*numbers)};
  Sieve sieve(data, network, setting);
  for (const std::string_view term : terms) sieve.apply(term);
  const bool counted = std::any_of(terms.begin(), terms.end(), [](std::string_view term) { return term.starts_with("random"); });
  return {sieve.left(), !counted};
}

}  // namespace convscope
