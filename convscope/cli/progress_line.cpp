#include "convscope/cli/progress_line.h"

#include "convscope/cli/output.h"

namespace convscope {

namespace {

constexpr double kBetweenDraws = 0.1, kBetweenLines = 30;  // seconds

/** `width` letters, the share of them filled, in eighths of a letter. */
std::string bar(double share, int width) {
  constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::clamp(share, 0.0, 1.0) * width * 8);
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  const int used = eighths / 8 + (eighths % 8 > 0 ? 1 : 0);
  return out + std::string(static_cast<size_t>(width - used), ' ');
}

}  // namespace

std::string progress_text(const TrainProgress& p, int columns, bool colours) {
  const std::string before = fmt::format("epoch {}/{} ", p.epoch + 1, p.epochs);
  const std::string after = fmt::format(" loss {:.3f}  accuracy {:.1f} %  {:.0f} images/s  {} left", p.loss, 100 * p.accuracy,
                                        p.images_per_second, duration_text(p.seconds_left));
  const int room = columns - 1 - static_cast<int>(letters(before) + letters(after)) - 2;
  constexpr int kShortest = 4, kLongest = 30;
  const std::string line_end = room < kShortest ? after.substr(0, after.find("  ")) : after;
  if (room < kShortest) return (before + line_end).substr(0, static_cast<size_t>(std::max(1, columns - 1)));
  const double share = p.steps > 0 ? static_cast<double>(p.step) / static_cast<double>(p.steps) : 0;
  const std::string filled = bar(share, std::min(room, kLongest));
  return before + "▕" + (colours ? "\033[36m" + filled + "\033[0m" : filled) + "▏" + line_end;
}

std::string plain_progress_text(const TrainProgress& p) {
  return fmt::format("epoch {}/{}, update {} of {}  loss {:.3f}  accuracy {:.1f} %  {:.0f} images/s  {} left", p.epoch + 1, p.epochs,
                     p.step, p.steps, p.loss, 100 * p.accuracy, p.images_per_second, duration_text(p.seconds_left));
}

std::string epoch_text(const EpochMetrics& m, int64_t epochs, bool held_out) {
  const auto part = [](std::string_view what, double accuracy, double loss) {
    return fmt::format("  {} {} loss {:.4g}", what, percent(accuracy), loss);
  };
  std::string text = fmt::format("epoch {}/{}", m.epoch, epochs) + part("train", m.train_accuracy, m.train_loss);
  if (was_tested(m)) text += part(held_out ? "held-out" : "test", m.judged_accuracy(), m.judged_loss());
  if (!std::isnan(m.judged_robust_accuracy())) text += fmt::format("  under attack {}", percent(m.judged_robust_accuracy()));
  return text + fmt::format("  {}  {:.0f} images/s", duration_text(m.seconds), m.images_per_second);
}

void ProgressLine::show(const TrainProgress& p) {
  if (!terminal_) return tell_now_and_then(p);
  if (drawn_ && since_drawn_.seconds() < kBetweenDraws) return;
  say("\r\033[K" + progress_text(p, terminal_columns(), colours_));
  drawn_ = true;
  since_drawn_.restart();
}

void ProgressLine::tell_now_and_then(const TrainProgress& p) {
  if (since_drawn_.seconds() < kBetweenLines || p.step == p.steps) return;  // an epoch's end has a line of its own
  say(plain_progress_text(p) + "\n");
  since_drawn_.restart();
}

void ProgressLine::epoch_done(const EpochMetrics& m, int64_t epochs) {
  clear();
  say(epoch_text(m, epochs, held_out_) + "\n");
  since_drawn_.restart();
}

void ProgressLine::clear() {
  if (drawn_) say("\r\033[K");
  drawn_ = false;
}

}  // namespace convscope
