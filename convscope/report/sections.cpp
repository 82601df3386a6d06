#include "convscope/report/section.h"
#include "convscope/report/sections/attribution.h"
#include "convscope/report/sections/confusion.h"
#include "convscope/report/sections/predictions.h"
#include "convscope/report/sections/training.h"

namespace convscope {

const Table<Section>& sections() {
  static const Table<Section> table{
      "section",
      {
          entry<TrainingSection, Section>("training", "learning curves, final and best accuracy, recipe, machine, speed"),
          entry<ConfusionSection, Section>("confusion", "who is taken for whom: matrix and most confused pairs"),
          entry<PredictionsSection, Section>("predictions", "test images with class, prediction and confidence; most confident mistakes"),
          entry<AttributionSection, Section>("attribution", "which pixels matter, image by image, methods side by side"),
      }};
  return table;
}

Json read_result(const Path& file) {
  constexpr uint64_t kMost = 1 << 28;
  return parse_json(printable(read_file(file, kMost)), printable(file.string()));
}

}  // namespace convscope
