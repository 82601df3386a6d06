#include "convscope/results/epoch_metrics.h"

namespace convscope {

bool was_tested(const EpochMetrics& m) { return !std::isnan(m.judged_loss()) || !std::isnan(m.judged_accuracy()); }

const EpochMetrics* best_epoch(std::span<const EpochMetrics> metrics) {
  const EpochMetrics* best = nullptr;
  for (const EpochMetrics& m : metrics)
    if (!std::isnan(m.choosing_accuracy()) && (!best || m.choosing_accuracy() > best->choosing_accuracy())) best = &m;
  return best;
}

const EpochMetrics* last_tested(std::span<const EpochMetrics> metrics) {
  for (auto m = metrics.rbegin(); m != metrics.rend(); ++m)
    if (was_tested(*m)) return &*m;
  return nullptr;
}

double seconds_of(std::span<const EpochMetrics> metrics) {
  double sum = 0;
  for (const EpochMetrics& m : metrics) sum += m.seconds;
  return sum;
}

double images_per_second_of(std::span<const EpochMetrics> metrics) {
  double images = 0;
  for (const EpochMetrics& m : metrics) images += m.images_per_second * m.seconds;
  return images / seconds_of(metrics);
}

std::string metrics_line(const EpochMetrics& m) { return fields_to_json(m).dump(); }

EpochMetrics parse_metrics_line(std::string_view line, std::string_view whose) {
  const Json j = parse_json(line, whose);
  require(j.is_object() && j.contains("epoch"), "{}: not the numbers of an epoch, but {}; remove the line or restore the file", whose,
          shown(j));
  return record_from_json<EpochMetrics>(j, whose);
}

std::vector<EpochMetrics> parse_metrics(std::string_view text, std::string_view whose) {
  std::vector<EpochMetrics> all;
  for (int64_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const bool last = end == std::string_view::npos;
    text.remove_prefix(last ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (last && line.back() != '}') break;  // somebody is still writing it, or was interrupted
    const EpochMetrics m = parse_metrics_line(line, fmt::format("{}, line {}", whose, number));
    while (!all.empty() && all.back().epoch >= m.epoch) all.pop_back();
    all.push_back(m);
  }
  return all;
}

std::vector<EpochMetrics> read_metrics(const Path& path) { return parse_metrics(read_file(path, uint64_t{1} << 30), path.string()); }

void write_metrics(const Path& path, std::span<const EpochMetrics> metrics) {
  std::string text;
  for (const EpochMetrics& m : metrics) text += metrics_line(m) + "\n";
  write_file(path, text);
}

void append_metrics(const Path& path, const EpochMetrics& m) { append_line(path, metrics_line(m)); }

std::string metrics_csv(std::span<const EpochMetrics> metrics) {
  std::string text;
  const auto add = [&](std::string_view cell) {
    if (!text.empty() && text.back() != '\n') text += ',';
    text += cell;
  };
  for (const FieldHelp& f : help<EpochMetrics>()) add(f.name);
  text += '\n';
  for (EpochMetrics m : metrics) {
    m.fields([&](std::string_view, auto& value, std::string_view) {
      add(std::isfinite(static_cast<double>(value)) ? fmt::format("{}", value) : std::string());
    });
    text += '\n';
  }
  return text;
}

}  // namespace convscope
