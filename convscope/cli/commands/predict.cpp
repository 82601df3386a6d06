#include "convscope/cli/commands/predict.h"

#include "convscope/cli/network.h"
#include "convscope/cli/output.h"
#include "convscope/results/prediction.h"

namespace convscope {

namespace {

constexpr int64_t kMostAtOnce = 32;
constexpr size_t kTop = 5;

/** The file's picture as the network takes it. */
Tensor fitting_picture(const std::string& file, const Shape& wanted) {
  Image image = read_image(file);
  require(image.rows == wanted[1] && image.columns == wanted[2],
          "{}: the picture has {} x {} pixels (rows x columns), the network takes {} x {}; scale it first", file, image.rows, image.columns,
          wanted[1], wanted[2]);
  if (image.channels != wanted[0]) {
    require(wanted[0] == 1 || wanted[0] == 3, "{}: the network takes pictures of {} channels; a file has 1 or 3", file, wanted[0]);
    image = with_channels(std::move(image), wanted[0]);
  }
  return to_tensor(image);
}

std::string shown(const Prediction& p) {
  TextTable table({p.file, "", ""}, {2});
  for (const RankedClass& c : p.top) table.row({"  " + c.name, fmt::format("class {}", c.index), percent(c.confidence)});
  return table.text();
}

}  // namespace

void PredictCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.argument("IMAGE", images_, "PNG or JPEG files of the network's size", true, true);
  flags.fields(foreign_);
}

std::vector<std::string> PredictCommand::about() const {
  return {
      "A picture must have the network's rows and columns. A grey one is repeated for a colour network; a colour one becomes "
      "0.299 red + 0.587 green + 0.114 blue for a grey network."};
}

ExitStatus PredictCommand::run(const Session& session) {
  const Network network = open_network(network_.front(), foreign_);
  std::vector<Tensor> pictures;
  for (const std::string& file : images_) pictures.push_back(fitting_picture(file, network.image()));

  const int64_t count = static_cast<int64_t>(pictures.size()), batch = std::min(count, kMostAtOnce);
  Request request;
  request.batch = batch;
  request.precision = precision_of(session.common.precision);
  const auto program = compile(network.graph, network.weights(), request);
  std::vector<Prediction> predictions;
  for (int64_t first = 0; first < count; first += batch) {
    const int64_t some = std::min(batch, count - first);
    Tensor& pixels = program->input(kPixels);
    for (int64_t n = 0; n < some; ++n) {
      const auto picture = pictures[static_cast<size_t>(first + n)].span();
      std::copy(picture.begin(), picture.end(), pixels.row(n).begin());
    }
    program->run({});
    const Tensor confidences = softmax(program->logits());
    for (int64_t n = 0; n < some; ++n)
      predictions.push_back({images_[static_cast<size_t>(first + n)], ranked(confidences.row(n), network.classes, kTop)});
  }

  if (session.common.json) {
    Json all = Json::array();
    for (const Prediction& p : predictions) all.push_back(prediction_to_json(p));
    print_json({{"predictions", std::move(all)}});
    return ExitStatus::done;
  }
  std::string text;
  for (const Prediction& p : predictions) text += (text.empty() ? "" : "\n") + shown(p);
  print(text);
  return ExitStatus::done;
}

std::vector<FieldHelp> PredictCommand::json_keys() const {
  return {{"predictions", "", "`[{file, class, index, confidence, top: [{class, index, confidence}]}]`, in the order of the files"}};
}

}  // namespace convscope
