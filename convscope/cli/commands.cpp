#include "convscope/cli/commands/alias.h"
#include "convscope/cli/commands/attack.h"
#include "convscope/cli/commands/bench.h"
#include "convscope/cli/commands/completion.h"
#include "convscope/cli/commands/convert.h"
#include "convscope/cli/commands/data.h"
#include "convscope/cli/commands/describe.h"
#include "convscope/cli/commands/eval.h"
#include "convscope/cli/commands/explain.h"
#include "convscope/cli/commands/export.h"
#include "convscope/cli/commands/inspect.h"
#include "convscope/cli/commands/list.h"
#include "convscope/cli/commands/predict.h"
#include "convscope/cli/commands/reference.h"
#include "convscope/cli/commands/report.h"
#include "convscope/cli/commands/study.h"
#include "convscope/cli/commands/train.h"

namespace convscope {

namespace {
/** A command's options are flags, so it takes none when it is made. */
template <typename T>
Entry<Command> row(std::string name, std::string summary) {
  return {name, std::move(summary), {}, [](const Json&) -> std::unique_ptr<Command> { return std::make_unique<T>(); }};
}
}  // namespace

const Table<Command>& commands() {
  static const Table<Command> table{
      "command",
      {
          row<TrainCommand>("train", "trains a network in a run folder, or goes on with one"),
          row<EvalCommand>("eval", "accuracy of a network over every sample of a data set"),
          row<PredictCommand>("predict", "class and confidence for image files"),
          row<ExplainCommand>("explain", "which pixels an answer depends on: maps, sheet, page"),
          row<InspectCommand>("inspect", "weights, activations, what drives neurons, what a layer finds alike: pictures, sheets, page"),
          row<AliasCommand>("alias", "what happens to each frequency where a network drops samples"),
          row<AttackCommand>("attack", "pictures near an image that the network takes for something else: robustness curve, pictures"),
          row<DescribeCommand>("describe", "layers, shapes, parameters, multiply-adds and memory of a network"),
          row<ExportCommand>("export", "writes a network for other programs: ONNX, or weights for PyTorch"),
          row<ConvertCommand>("convert", "another way to drop samples in a network, weights kept: BlurPool, low passes, adaptive sampling"),
          row<ListCommand>("list", "what there is to choose from, with options and their defaults"),
          row<DataCommand>("data", "which data sets are known, where they are, what is in them"),
          row<BenchCommand>("bench", "times training, predicting or explaining on random pictures"),
          row<CompletionCommand>("completion", "prints a script for the shell that completes what is typed"),
          row<StudyCommand>("study", "does a published study again, its figures beside ours"),
          row<ReportCommand>("report", "one HTML page from run folders, finished or not"),
          row<ReferenceCommand>("reference", "prints the reference page"),
      }};
  return table;
}

}  // namespace convscope
