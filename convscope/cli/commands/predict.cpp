#include "convscope/cli/commands/predict.h"

#include "convscope/api/predict.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/data/picture_files.h"

namespace convscope {

namespace {

std::string shown(const Prediction& p) {
  TextTable table({p.file, "", ""}, {2});
  for (const RankedClass& c : p.top) table.row({"  " + c.name, fmt::format("class {}", c.index), percent(c.confidence)});
  return table.text();
}

}  // namespace

void PredictCommand::declare(Flags& flags) {
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.argument("IMAGE", images_, "picture files (PNG, JPEG, WebP, BMP or GIF), or folders of them", true, true);
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> PredictCommand::common_flags() const {
  if (!options_.resize.empty()) return {"precision", "engine"};
  return {"precision", "engine", "data-root"};  // how pictures were brought to their size in the training
}

std::vector<std::string> PredictCommand::about() const {
  return {
      "A folder stands for all pictures that lie in it (.jpg, .jpeg, .jfif, .png, .webp, .bmp, .gif), in the order in which people count: "
      "2.png before 10.png. "
      "A picture of another size than the network's is resized, with antialiasing. A grey one is repeated for a colour network; a colour "
      "one becomes 0.299 red + 0.587 green + 0.114 blue for a grey network. Where a picture cannot be read, the others are named all the "
      "same, and the exit status is 1."};
}

ExitStatus PredictCommand::run(const Session& session) {
  const Setting setting = session.setting();
  const Network network = told(open_network(network_.front(), foreign_));
  const Fit fit = options_.resize.empty() ? network.fit(setting) : parse_fit(options_.resize);
  // A folder without pictures is like a picture that cannot be read.
  std::vector<std::string> files;
  std::vector<UnreadImage> unread;
  for (const std::string& path : images_) try {
      const std::vector<std::string> some = picture_files(std::span(&path, 1));
      files.insert(files.end(), some.begin(), some.end());
    } catch (const Error& e) {
      unread.push_back({path, e.what()});
    }
  if (files.empty()) fail("{}", unread.front().error);
  Predictions found = predict(network, files, fit, setting);
  found.errors.insert(found.errors.begin(), unread.begin(), unread.end());
  if (!session.ranks->is_root()) return ExitStatus::done;
  if (session.common.json && !found.predictions.empty()) {
    Json document = fields_to_json(found);
    if (found.errors.empty()) document.erase("errors");
    print_json(document);
  } else if (!found.predictions.empty()) {
    std::string text;
    for (const Prediction& p : found.predictions) text += (text.empty() ? "" : "\n") + shown(p);
    print(text);
  }
  for (const UnreadImage& image : found.errors) say_failure(image.error);
  return found.errors.empty() ? ExitStatus::done : ExitStatus::failed;
}

std::vector<FieldHelp> PredictCommand::json_keys() const { return help<Predictions>(); }

}  // namespace convscope
