#include "convscope/cli/commands/predict.h"

#include <algorithm>

#include "convscope/base/threads.h"
#include "convscope/cli/network.h"
#include "convscope/cli/output.h"
#include "convscope/results/prediction.h"

namespace convscope {

namespace {

constexpr int64_t kMostAtOnce = 32;
constexpr size_t kTop = 5;

std::string shown(const Prediction& p) {
  TextTable table({p.file, "", ""}, {2});
  for (const RankedClass& c : p.top) table.row({"  " + c.name, fmt::format("class {}", c.index), percent(c.confidence)});
  return table.text();
}

}  // namespace

void PredictCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.argument("IMAGE", images_, "PNG or JPEG files", true, true);
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> PredictCommand::about() const {
  return {
      "A picture of another size than the network's is resized, with antialiasing. A grey one is repeated for a colour network; a colour "
      "one becomes 0.299 red + 0.587 green + 0.114 blue for a grey network. Where a picture cannot be read, the others are named all the "
      "same, and the exit status is 1."};
}

ExitStatus PredictCommand::run(const Session& session) {
  const Network network = open_network(network_.front(), foreign_);
  const Fit fit = options_.resize.empty() ? fit_of(network) : parse_fit(options_.resize);
  const int64_t count = std::ssize(images_), batch = std::min(count, kMostAtOnce);
  Request request;
  request.batch = batch;
  request.precision = precision_of(session.common.precision);
  const auto program = compile(network.graph, network.weights(), request);
  std::vector<Prediction> predictions;
  std::vector<std::string> errors(images_.size());
  for (int64_t first = 0; first < count; first += batch) {
    const int64_t some = std::min(batch, count - first);
    Tensor& pixels = program->input(kPixels);
    parallel(some, 1, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        const size_t place = static_cast<size_t>(first + n);
        try {
          const Tensor picture = read_picture(images_[place], network, fit);
          std::copy_n(picture.data(), picture.size(), pixels.row(n).begin());
        } catch (const Error& e) {
          errors[place] = e.what();
        }
      }
    });
    program->run({});
    const Tensor confidences = softmax(program->logits());
    for (int64_t n = 0; n < some; ++n) {
      const size_t place = static_cast<size_t>(first + n);
      if (errors[place].empty()) predictions.push_back({images_[place], ranked(confidences.row(n), network.classes, kTop)});
    }
  }

  if (session.common.json && !predictions.empty()) {
    Predictions all{predictions, {}};
    for (size_t i = 0; i < errors.size(); ++i)
      if (!errors[i].empty()) all.errors.push_back({images_[i], errors[i]});
    Json document = fields_to_json(all);
    if (all.errors.empty()) document.erase("errors");
    print_json(document);
  } else if (!predictions.empty()) {
    std::string text;
    for (const Prediction& p : predictions) text += (text.empty() ? "" : "\n") + shown(p);
    print(text);
  }
  ExitStatus status = ExitStatus::done;
  for (const std::string& error : errors) {
    if (error.empty()) continue;
    say_failure(error);
    status = ExitStatus::failed;
  }
  return status;
}

std::vector<FieldHelp> PredictCommand::json_keys() const { return help<Predictions>(); }

}  // namespace convscope
