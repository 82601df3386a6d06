#include "convscope/cli/commands/report.h"

#include "convscope/api/disputed_pictures.h"
#include "convscope/cli/output.h"
#include "convscope/report/page/page.h"
#include "convscope/results/run_folder.h"

namespace convscope {

void ReportCommand::declare(Flags& flags) {
  flags.argument("DIR", folders_, "run folders, finished or not; several are compared", true, true);
  flags.fields(options_);
}

ExitStatus ReportCommand::run(const Session& session) {
  if (folders_.size() > 1 && options_.out.empty())
    throw UsageError(fmt::format("report: --out is missing: the file for the page of {} folders", folders_.size()));
  if (!options_.out.empty()) {
    const std::string ending = Path(options_.out).extension().string();
    if (ending != ".html" && ending != ".htm")
      throw UsageError(fmt::format("report: --out {}: a name that ends in .html was wanted", options_.out));
  }
  const std::vector<Path> folders(folders_.begin(), folders_.end());
  keep_disputed_pictures(folders, session.setting());
  const Path file = options_.out.empty() ? folders.front() / kReportFile : Path(options_.out);
  const ReportPage page = report_page(folders, std::filesystem::absolute(file).parent_path());
  write_file(file, page.html);
  if (session.common.json) {
    print_json({{"report", file.string()}, {"sections", page.sections}, {"bytes", page.html.size()}});
  } else {
    print(file.string() + "\n");
  }
  return ExitStatus::done;
}

std::vector<std::string> ReportCommand::about() const {
  return {
      "The page is one file that needs nothing else: no network connection, no other file. It is made from the result files in the folders "
      "(run.json, metrics.jsonl, evaluation.json, predictions/), so it can be made again at any time, also while a training runs.",
      "Several folders are compared: accuracies with their intervals, differences on the same images (McNemar's exact test) where both "
      "have "
      "predictions/predictions.csv, curves under the same attack, maps of the same images, what folds where they drop samples, and the "
      "images on which they disagree most."};
}

std::vector<FieldHelp> ReportCommand::json_keys() const {
  return {
      {"report", "", "the page's file"}, {"sections", "", "names of the sections that had something to show"}, {"bytes", "", "its size"}};
}

}  // namespace convscope
