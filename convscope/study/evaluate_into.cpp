#include "convscope/study/evaluate_into.h"

#include "convscope/base/json_file.h"
#include "convscope/report/confusion_matrix.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

constexpr size_t kFirst = 48, kMistakes = 48;  // pictures on the sheet

/** Writes the sample's picture, once; its file's name. */
std::string written_picture(const Path& folder, const Dataset& data, int64_t index) {
  const Shape shape = data.image_shape();
  if (shape[0] != 1 && shape[0] != 3) return "";
  Tensor pixels(shape);
  data.pixels(index, 0, pixels.span());
  std::string name = fmt::format("{:05}.png", index);
  write_png(folder / name, to_image(pixels));
  return name;
}

/** The pictures that an earlier sheet names; whatever else lies in the folder is not ours to remove. */
void remove_earlier(const Path& folder) {
  if (!std::filesystem::exists(folder / kSheetFile)) return;
  const Path file = folder / kSheetFile;
  try {
    const PredictionSheet sheet = record_from_json<PredictionSheet>(read_json(file), file.string());
    std::error_code ignored;
    for (const std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
      for (const SheetEntry& entry : *list)
        if (!entry.picture.empty()) std::filesystem::remove(folder / entry.picture, ignored);
  } catch (const Error&) {
    // A damaged sheet does not tell what is its own; it is written over, and nothing else is touched.
  }
}

}  // namespace

Evaluation evaluate_into(const Path& folder, const EvaluationSubject& subject,
                         const std::function<void(int64_t done, int64_t total)>& progress) {
  const Dataset& data = *subject.data;
  SheetPicker picker(data.classes(), kFirst, kMistakes);
  Evaluator evaluator(subject.graph, subject.weights, subject.data, subject.precision, subject.batch);
  const Evaluation e =
      evaluator.run(progress, [&](int64_t index, std::span<const float> logits) { picker.see(index, data.label(index), logits); });

  PredictionSheet sheet = picker.sheet();
  sheet.network = subject.network_name;
  sheet.data = subject.data_name;
  const Path pictures = folder / kPredictions;
  make_folder(pictures);
  remove_earlier(pictures);
  for (std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
    for (SheetEntry& entry : *list) entry.picture = written_picture(pictures, data, entry.index);

  write_json(pictures / kSheetFile, fields_to_json(sheet));
  write_json(folder / kEvaluation, fields_to_json(e));
  write_confusion_matrix(folder / kFigures, e, fmt::format("{} on {}", sheet.network, sheet.data));
  return e;
}

}  // namespace convscope
