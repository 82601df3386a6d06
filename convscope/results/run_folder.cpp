#include "convscope/results/run_folder.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/results/attack_record.h"

namespace convscope {

std::string disputed_picture(int64_t index) { return fmt::format("disputed-{:05}.png", index); }

std::vector<Path> records_in(const Path& folder, std::string_view file) {
  std::vector<Path> all;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (std::filesystem::exists(entry.path() / file, none)) all.push_back(entry.path() / file);
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<Path> aliasings_in(const Path& results) {
  std::vector<Path> all;
  for (const Path& file : records_in(results, kAliasingFile)) {
    const std::string name = file.parent_path().filename().string();
    if (name == kAliasing || name.starts_with(fmt::format("{}-", kAliasing))) all.push_back(file.parent_path());
  }
  return all;
}

void require_replaceable(const Path& file, const Path& read) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  require(read.empty() || !fs::equivalent(file, read, ignored),
          "{}: the network is read from this file, and it would be lost: name another one", file.string());
  const Path target = fs::weakly_canonical(file, ignored);  // a link's own file is what would be lost
  Path run = target.parent_path();
  while (!fs::exists(run / kRunFile, ignored)) {
    if (run == run.parent_path()) return;
    run = run.parent_path();
  }
  const Path inside = target.lexically_relative(run);
  if (inside == kReportFile) return;
  for (const RunFolderEntry& entry : run_folder_layout()) {
    const Path own(entry.name);
    const std::string folder = inside.begin()->string(),
                      own_folder = own.begin()->string();  // "aliasing", and "aliasing-QUESTION" likewise
    const bool in_its_folder =
        own.has_parent_path() && inside.has_parent_path() && (folder == own_folder || folder.starts_with(own_folder + "-"));
    require(inside != own && !in_its_folder, "{}: a run folder keeps its own there, and it would be lost: name another file",
            file.string());
  }
}

std::vector<RunFolderEntry> run_folder_layout() {
  const auto in = [](std::string_view folder, std::string_view file) { return fmt::format("{}/{}", folder, file); };
  const auto each = [](std::string_view folder, std::string_view name, std::string_view file) {
    return fmt::format("{}/{}/{}", folder, name, file);
  };
  return {
      {std::string(kRunFile), "a training's options as resolved, version and machine"},
      {std::string(kLastNetwork), "the network after the last epoch, with all that a training needs to go on"},
      {std::string(kBestNetwork), "the network after the best epoch"},
      {std::string(kNetworkBefore), "while an adversarial training goes on: the network after the epoch before"},
      {std::string(kMetrics), "a line for each epoch"},
      {std::string(kSummary), "what the training came to: test accuracies of the last and of the best epoch"},
      {std::string(kSeedsFile), "several trainings summed up, each in its `seed-N`"},
      {in(kRuns, "NAME"), "trainings of a study that have several seeds, each in its `seed-N`"},
      {std::string(kEvaluation), "accuracy, loss and confusion matrix on the test set"},
      {std::string(kConsistency), "how often the answer stays when pictures move, where `shifts` asked for it"},
      {std::string(kFourier), "errors by the frequency of noise, where `fourier` asked for it; there while it runs"},
      {std::string(kFourierArray), "its errors, [rows, columns], zero frequency in the middle"},
      {std::string(kFourierGradientArray), "where the energy of the gradient is, alike"},
      {in(kPredictions, kSheetFile), "the first predictions and the surest mistakes, with their pictures"},
      {in(kPredictions, kAnswersFile), "every prediction: image, class, predicted class, confidence"},
      {in(kPredictions, kLogitsFile), "the logits of every image, [N, Y] in the order of the table, where `save_logits` asked for them"},
      {in(kPredictions, kFeaturesFile), "what a node gives for every image, [N, …] alike, where `save_features` asked for it"},
      {in(kPredictions, kLabelsFile), "classes of these images, [N] whole numbers"},
      {in(kPredictions, kIndicesFile), "their numbers in the data set, [N] whole numbers"},
      {std::string(kCorruptionsFile), "accuracies on corrupted pictures: each corruption at each severity, and means"},
      {each(kAttributions, "QUESTION", kAttributionFile),
       "what `explain` found, with maps and pictures: METHOD, then -target-T, -of-O, -images-I where they were said"},
      {each(kInspections, "KIND-…", "KIND.json"), "what `inspect` found, with its pictures"},
      {each(kInspections, "clusters-…", kPointsFile), "where each image lies on the two directions of largest variance"},
      {each(kAttacks, "QUESTION", kAttackFile),
       "what `attack` reached, with pictures and arrays: METHOD, norm, epsilons, and what else was said"},
      {each(kAttacks, "QUESTION", kUnfinishedAttack), "what a suite that was stopped has found, until the same question ends it"},
      {in(kAliasing, kAliasingFile),
       "what `alias` found, with its arrays; in aliasing-QUESTION where `threshold`, `passing_db`, `accounting`, `save` or images were "
       "said"},
      {in(kAliasing, kAliasingCurveFile), "the same under attack, for each epsilon"},
      {in(kWatch, kWatchFile), "what a training that is watched records; there before the first frame"},
      {in(kWatch, kWatchedPixels), "\"pixels\" [N, C, H, W] of the images that are watched"},
      {in(kWatch, fmt::format("{}N.png", kWatchedImage)), "one of them for people"},
      {in(kWatch, fmt::format("{}N{}", kWatchFrames, kWatchFramesEnding)),
       "some frames, by the number of updates before the first of them"},
      {in(kWatch, kWatchPath), "the sum of ∂J/∂x over the states so far, in float64"},
      {in(kWatch, kWatchChanges), "a line for each change of a predicted class"},
      {in(kWatch, fmt::format("METHOD{}", kWatchVideoEnding)), "the video"},
      {std::string(kStudyFile), "where a study stands: its parts, and its figures beside the published ones"},
      {std::string(kResultsFile), "what a study found, with commands, versions, processors and days: to be kept, without the folder"},
      {std::string(kOscillationsFile), "networks of the oscillations' sweep"},
      {std::string(kAntialiasingFile), "the same network with each way to drop samples"},
      {std::string(kPerturbativeFile), "runs of the perturbation study"},
      {in(kFigures, ""), "figures as SVG and PNG, their numbers as CSV"},
      {std::string(kReportFile), "the page that shows all of it"},
  };
}

}  // namespace convscope
