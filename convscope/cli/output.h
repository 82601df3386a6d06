#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/json.h"
#include "convscope/base/text.h"

namespace convscope {

/** Whoever read stdout has gone (`convscope list | head`): nobody is left to tell. */
class ReaderGone : public Error {
 public:
  using Error::Error;
};

/** Results, to stdout; an error where it cannot take them (a full disk). */
void print(std::string_view text);
/** The one JSON document of `--json`. */
void print_json(const Json& document);

/** Progress and log, to stderr. */
void say(std::string_view text);
/** From here on nothing of all that is printed, or again: of several ranks one talks. Only `main` says so. */
void be_silent(bool silent);
/** What could not be done, and why: one line on stderr. */
void say_failure(std::string_view text);

/** Whether stderr is a terminal, and whether colours are welcome there. */
bool on_terminal();
bool colours_welcome();
/** Columns of the terminal, 80 where unknown. */
int terminal_columns();

/** "12 of 100 images, 8 s left" on stderr: redrawn on a terminal, a line every ten seconds elsewhere; the last one is cleared. */
std::function<void(int64_t done, int64_t total)> show_progress(std::string what = "images");
/** Clears the progress that an end in between left standing. */
void clear_progress();

/** Letters of a UTF-8 text. */
size_t letters(std::string_view text);

/** Rows of cells with aligned columns; `right` names the columns of numbers. */
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heading, std::vector<size_t> right = {}) : right_(std::move(right)) {
    rows_.push_back(std::move(heading));
  }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<size_t> right_;
};

/** The text in lines of at most `width` letters, each after `indent` blanks. */
std::string wrapped(std::string_view text, size_t indent, size_t width);

}  // namespace convscope
