#include "convscope/cli/commands/bench.h"

#include <iostream>

#include "convscope/cli/output.h"

namespace convscope {

namespace {

/** Two programs can so be timed by turns, which cancels most of what a busy machine does to a comparison. */
void serve(ReadyWork& work) {
  print("ready\n");
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "quit") return;
    constexpr int64_t kMostRuns = 1'000'000;
    const int64_t count = line.starts_with("run ") ? value_of<int64_t>(std::string_view(line).substr(4)).value_or(-1) : -1;
    Json answer;
    if (line == "memory") {
      answer = work.peak_memory_bytes();
    } else if (count >= 0 && count <= kMostRuns) {
      answer = json_list();
      for (int64_t i = 0; i < count; ++i) answer.push_back(work.run_ms());
    } else {
      answer = {{"error", fmt::format("'{}': wanted 'run K', 'memory' or 'quit'", line)}};
    }
    print(answer.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

std::string shown_steps(const Benchmark& b) {
  TextTable table({"step", "ms", "share"}, {1, 2});
  for (const BenchmarkStep& s : b.steps)
    table.row({s.step, fmt::format("{:.3f}", s.ms), fmt::format("{:.1f} %", 100 * s.ms / b.ms_primitives)});
  return table.text();
}

std::string shown(const Benchmark& b) {
  TextTable table({"", fmt::format("{} {}, batch {}, {}, {} threads", b.what, b.model, b.batch, b.precision, b.threads)});
  table.row({"median", fmt::format("{:.2f} ms", b.ms_median)});
  table.row({"best", fmt::format("{:.2f} ms", b.ms_best)});
  if (b.ms_primitives > 0) table.row({"sum of its steps", fmt::format("{:.2f} ms", b.ms_primitives)});
  table.row({"images a second", fmt::format("{:.0f}", b.images_per_second)});
  if (b.ranks > 1) {
    table.row({"ranks", fmt::format("{}, {} shards", b.ranks, b.shards)});
    table.row({"in communication", fmt::format("{:.1f} % of the time", 100 * b.communication)});
  }
  table.row({"peak memory", bytes_text(b.peak_memory_bytes)});
  return table.text() + (b.steps.empty() ? "" : "\n" + shown_steps(b));
}

}  // namespace

void BenchCommand::declare(Flags& flags) {
  flags.argument("train|predict|explain|attack|alias", what_, "the work that is timed");
  flags.value("model", model_, "network and its options, a run folder, a .safetensors checkpoint or an .onnx network");
  flags.fields(options_);
  flags.value(
      "serve", serve_,
      "print `ready`, then answer lines on stdin: `run K` with K times in milliseconds, `memory` with the peak in bytes; `quit` ends");
}

std::vector<std::string> BenchCommand::about() const {
  return {
      "One run is: predict, the logits of a batch; explain, these and the gradient of each picture's highest logit for its pixels; train, "
      "forward, backward and one update of the optimiser; attack, all steps of an attack within 8/255 of all pictures; alias, the network "
      "and the frequencies of all its signals that lose samples. The "
      "batch is random and made once."};
}

std::vector<Mode> BenchCommand::modes() const {
  std::vector<std::string> all = flags_among({{"model", "serve"}, flags_of<BenchmarkOptions>()});
  const std::vector<std::string> training = all;
  for (const char* of_training : {"optimiser", "shards"}) std::erase(all, of_training);
  return {{"bench train", training}, {"other work", all}};
}

size_t BenchCommand::mode(const Flags&) const { return what_.front() == "train" ? 0 : 1; }

ExitStatus BenchCommand::run(const Session& session) {
  if (serve_ && (session.common.json || options_.steps))
    throw UsageError("bench: --serve has answers of its own; leave --json and --steps out");
  if (serve_) {
    ReadyWork work(what_.front(), model_, options_, session.setting());
    serve(work);
    return ExitStatus::done;
  }

  const Benchmark b = benchmark(what_.front(), model_, options_, session.setting());
  if (!session.common.json) {
    print(shown(b));
    return ExitStatus::done;
  }
  Json document = fields_to_json(b);
  if (!options_.steps) document.erase("steps");
  print_json(document);
  return ExitStatus::done;
}

}  // namespace convscope
