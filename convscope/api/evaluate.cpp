#include "convscope/api/evaluate.h"

#include <algorithm>
#include <optional>

#include "convscope/api/provenance.h"
#include "convscope/base/json_file.h"
#include "convscope/report/evaluation/confusion_matrix.h"
#include "convscope/results/answers.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kFirst = 48, kMistakes = 48;  // pictures on the sheet

/** Writes the picture at a place, called by its number; its file's name. */
std::string written_picture(const Path& folder, const Pictures& pictures, int64_t place) {
  const int64_t channels = pictures.image()[0];
  if (channels != 1 && channels != 3) return "";
  std::string name = fmt::format("{:05}.png", pictures.numbers()[static_cast<size_t>(place)]);
  write_png(folder / name, pictures.visible(place));
  return name;
}

/** The pictures that an earlier sheet names; whatever else lies in the folder is not ours to remove. */
void remove_earlier(const Path& folder) {
  if (!std::filesystem::exists(folder / kSheetFile)) return;
  const Path file = folder / kSheetFile;
  try {
    const PredictionSheet sheet = provided_record<PredictionSheet>(read_json(file), file.string());
    std::error_code ignored;
    for (const std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
      for (const SheetEntry& entry : *list)
        if (!entry.picture.empty()) std::filesystem::remove(folder / entry.picture, ignored);
  } catch (const Error&) {
    // A damaged sheet does not tell what is its own; it is written over, and nothing else is touched.
  }
}

/** The sheet knows its pictures by their places; people are told their numbers. */
void write_sheet(const Path& folder, const Pictures& pictures, PredictionSheet& sheet) {
  make_folder(folder);
  remove_earlier(folder);
  for (std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
    for (SheetEntry& entry : *list) {
      entry.picture = written_picture(folder, pictures, entry.index);
      entry.index = pictures.numbers()[static_cast<size_t>(entry.index)];
    }
  write_json(folder / kSheetFile, fields_to_json(sheet));
}

/** The place of the only class that the network ever says; nothing where it says several, or is only asked about one. */
std::optional<size_t> only_answer(const Evaluation& e) {
  std::optional<size_t> only;
  size_t asked = 0;
  for (const std::vector<int64_t>& row : e.confusion) {
    asked += std::any_of(row.begin(), row.end(), [](int64_t count) { return count > 0; });
    for (size_t said = 0; said < row.size(); ++said) {
      if (row[said] == 0) continue;
      if (only && *only != said) return std::nullopt;
      only = said;
    }
  }
  return asked > 1 ? only : std::nullopt;
}

}  // namespace

Evaluation evaluate(const Network& network, const Pictures& pictures, const Path& folder, const Setting& setting, int64_t batch) {
  require(batch >= 1, "`batch` {}: at least 1 was wanted", batch);
  check_pictures(network, pictures);
  const auto data = pictures.dataset();
  Evaluator evaluator(network.graph, network.weights(), data, setting.execution, batch);
  SheetPicker picker(pictures.classes(), kFirst, kMistakes);
  std::vector<Answer> answers;
  Evaluation e = evaluator.run(setting.progress, [&](int64_t index, std::span<const float> logits) {
    picker.see(index, data->label(index), logits);
    answers.push_back(answer_of(pictures.numbers()[static_cast<size_t>(index)], data->label(index), logits));
  });
  e.came_from(provenance_of(network, pictures, {{"batch", batch}}, setting));
  e.seen_in_training = seen_in_training(network, *data);
  if (const auto only = only_answer(e))
    setting.tell(
        fmt::format("ONE ANSWER: the network takes all {} images for '{}'; it has learnt nothing, or its pixels want another "
                    "normalisation",
                    e.total, e.classes[*only]));
  if (folder.empty()) return e;

  PredictionSheet sheet = picker.sheet();
  sheet.came_from(e);
  write_sheet(folder / kPredictions, pictures, sheet);
  write_file(folder / kPredictions / kAnswersFile, answers_csv(answers));
  write_json(folder / kEvaluation, fields_to_json(e));
  write_confusion_matrix(folder / kFigures, e, fmt::format("{} on {}", e.network.name, e.data.text()));
  return e;
}

}  // namespace convscope
