#include "convscope/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "convscope/base/error.h"
#include "convscope/base/timer.h"

namespace convscope {

namespace {
bool is_silent = false;
}  // namespace

void be_silent(bool silent) { is_silent = silent; }

void print(std::string_view text) {
  if (is_silent) return;
  const bool ok = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!ok && errno == EPIPE) throw ReaderGone("stdout: closed");
  require(ok, "stdout: cannot write: {}", std::strerror(errno));
}

void print_json(const Json& document) { print(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

void say(std::string_view text) {
  if (!is_silent) std::fwrite(text.data(), 1, text.size(), stderr);
}

void say_failure(std::string_view text) {
  std::string line = fmt::format("convscope: {}", text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  say(line + "\n");
}

bool on_terminal() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && !(kind && std::string_view(kind) == "dumb");
}

bool colours_welcome() {
  const char* unwelcome = std::getenv("NO_COLOR");
  return on_terminal() && !(unwelcome && *unwelcome);
}

int terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::function<void(int64_t done, int64_t total)> show_progress(std::string what) {
  return [what = std::move(what), begun = Timer(), since = Timer(), first = int64_t{-1}, terminal = on_terminal()](int64_t done,
                                                                                                                   int64_t total) mutable {
    if (done >= total) return clear_progress();
    if (first < 0 || done < first) {  // the first report, or of something new
      begun.restart();
      first = done;
    }
    if (since.seconds() < (terminal ? 0.1 : 10)) return;
    since.restart();
    const double left = done > first ? begun.seconds() * static_cast<double>(total - done) / static_cast<double>(done - first) : 0;
    say(fmt::format("{}{} of {} {}{}{}", terminal ? "\r" : "", grouped(done), grouped(total), what,
                    left >= 1 ? ", " + duration_text(left) + " left" : "", terminal ? "\033[K" : "\n"));
  };
}

void clear_progress() {
  if (on_terminal()) say("\r\033[K");
}

size_t letters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string TextTable::text() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], letters(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - letters(row[i]), ' ');
      const bool right = std::find(right_.begin(), right_.end(), i) != right_.end();
      line += (i > 0 ? "  " : "") + (right ? blanks + row[i] : row[i] + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string wrapped(std::string_view text, size_t indent, size_t width) {
  std::string out, line(indent, ' ');
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const bool first = letters(line) == indent;
    if (!first && letters(line) + 1 + letters(word) > width) {
      out += line + "\n";
      line.assign(indent, ' ');
      line += word;
    } else {
      if (!first) line += ' ';
      line += word;
    }
    begin = end + 1;
  }
  return out + line + "\n";
}

}  // namespace convscope
