#include "convscope/results/answers.h"

#include <algorithm>

#include "convscope/base/text.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

namespace {

/** The first line of a text, which is taken off it. */
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line.substr(0, line.find('\r'));
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (size_t comma = line.find(','); comma != std::string_view::npos; comma = line.find(',')) {
    cells.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  cells.push_back(line);
  return cells;
}

/** Where each of our columns is among the file's. */
std::vector<size_t> columns_of(std::string_view heading, std::string_view whose) {
  const std::vector<std::string_view> names = cells_of(heading);
  std::vector<size_t> columns;
  for (const FieldHelp& field : help<Answer>()) {
    const auto found = std::find(names.begin(), names.end(), field.name);
    require(found != names.end(), "{}: no column '{}' in it; an evaluation writes this file", whose, field.name);
    columns.push_back(static_cast<size_t>(found - names.begin()));
  }
  return columns;
}

}  // namespace

Answer answer_of(int64_t index, int64_t label, std::span<const float> logits) {
  const Tensor confidences = softmax(Tensor(Shape{1, static_cast<int64_t>(logits.size())}, logits));
  const int64_t predicted = argmax(logits);
  return {index, label, predicted, static_cast<double>(confidences[predicted])};
}

std::string answers_csv(std::span<const Answer> answers) {
  std::string csv;
  for (const FieldHelp& field : help<Answer>()) csv += (csv.empty() ? "" : ",") + field.name;
  csv += '\n';
  for (const Answer& a : answers) csv += fmt::format("{},{},{},{:.9g}\n", a.index, a.label, a.predicted, a.confidence);
  return csv;
}

std::vector<Answer> parse_answers(std::string_view csv, std::string_view whose) {
  const std::vector<size_t> columns = columns_of(take_line(csv), whose);
  std::vector<Answer> answers;
  for (int64_t number = 2; !csv.empty(); ++number) {
    const std::vector<std::string_view> cells = cells_of(take_line(csv));
    Answer& answer = answers.emplace_back();
    size_t next = 0;
    answer.fields([&](std::string_view name, auto& value, std::string_view) {
      const size_t column = columns[next++];
      require(column < cells.size(), "{}, line {}: it ends before '{}'", whose, number, name);
      if (cells[column] == "nan") return void(value = {});  // of logits that are no numbers
      const auto read = value_of<std::remove_reference_t<decltype(value)>>(cells[column]);
      require(read.has_value(), "{}, line {}: {} '{}' is no number", whose, number, name, cells[column]);
      value = *read;
    });
    require(answer.label >= 0 && answer.predicted >= 0, "{}, line {}: a class below 0", whose, number);
  }
  return answers;
}

}  // namespace convscope
