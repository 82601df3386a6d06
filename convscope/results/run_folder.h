#pragma once

/**
 * What lies where in a run folder, or in any folder of results: the one place that names it, for those who write and those who read.
 */

#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/file.h"

namespace convscope {

// A training's.
inline constexpr std::string_view kRunFile = "run.json";                  // options as resolved, version, machine
inline constexpr std::string_view kLastNetwork = "model.safetensors";     // after the last epoch, with what a training needs to go on
inline constexpr std::string_view kBestNetwork = "best.safetensors";      // after the best epoch
inline constexpr std::string_view kNetworkBefore = "before.safetensors";  // while a training watches for a collapse: after the epoch before
inline constexpr std::string_view kMetrics = "metrics.jsonl";             // a line an epoch
inline constexpr std::string_view kSummary = "summary.json";              // what it came to, the best epoch's test accuracy too
inline constexpr std::string_view kSeedsFile = "seeds.json";              // of several trainings, each in a folder `seed_folder_name`
inline constexpr std::string_view kRuns = "runs";                         // folder of a study's trainings that have several seeds

// What looks at a network leaves.
inline constexpr std::string_view kEvaluation = "evaluation.json";
inline constexpr std::string_view kConsistency = "consistency.json";
inline constexpr std::string_view kFourier = "fourier.json";
inline constexpr std::string_view kFourierArray = "fourier.npy";                   // [rows, columns] of its errors
inline constexpr std::string_view kFourierGradientArray = "fourier-gradient.npy";  // and of the energy of the gradient
inline constexpr std::string_view kPredictions = "predictions";                    // folder of the sheet and its pictures
inline constexpr std::string_view kSheetFile = "predictions.json";
std::string disputed_picture(int64_t index);                         // in it: an image on which several networks disagree
inline constexpr std::string_view kAnswersFile = "predictions.csv";  // all of them, a line an image
inline constexpr std::string_view kLogitsFile = "logits.npy";        // [N, Y] in the order of the answers
inline constexpr std::string_view kFeaturesFile = "features.npy";    // what a node gives, alike
inline constexpr std::string_view kLabelsFile = "labels.npy";        // [N] whole numbers
inline constexpr std::string_view kIndicesFile = "indices.npy";      // [N] whole numbers
inline constexpr std::string_view kCorruptionsFile = "corruptions.json";
inline constexpr std::string_view kAttributions = "attributions";  // folder of a folder for each question
inline constexpr std::string_view kAttributionFile = "explain.json";
inline constexpr std::string_view kInspections = "inspect";     // folder of a folder KIND-… for each look, its record is KIND.json
inline constexpr std::string_view kPointsFile = "points.json";  // of clusters: beside the record
inline constexpr std::string_view kAttacks = "attacks";         // folder of a folder for each question
inline constexpr std::string_view kAttackFile = "attack.json";
inline constexpr std::string_view kAliasing = "aliasing";  // folder; of another question than the usual one, aliasing-QUESTION
inline constexpr std::string_view kAliasingFile = "aliasing.json";
inline constexpr std::string_view kAliasingCurveFile = "curve.json";  // under attack: beside the record

// A watched training's.
inline constexpr std::string_view kWatch = "watch";  // folder
inline constexpr std::string_view kWatchFile = "watch.json";
inline constexpr std::string_view kWatchedPixels = "images.safetensors";
inline constexpr std::string_view kWatchedImage = "image-";  // and its number: a picture
inline constexpr std::string_view kWatchFrames = "frames-";  // and the number of updates before the first of them
inline constexpr std::string_view kWatchFramesEnding = ".bin";
inline constexpr std::string_view kWatchPath = "path.bin";
inline constexpr std::string_view kWatchChanges = "changes.jsonl";
inline constexpr std::string_view kWatchVideoEnding = ".webp";  // behind the method

// A study's.
inline constexpr std::string_view kStudyFile = "study.json";
inline constexpr std::string_view kResultsFile = "results.json";  // what is kept of it
inline constexpr std::string_view kOscillationsFile = "oscillations.json";
inline constexpr std::string_view kAntialiasingFile = "antialiasing.json";
inline constexpr std::string_view kPerturbativeFile = "perturbative.json";

// For people.
inline constexpr std::string_view kFigures = "figures";  // folder of SVG, PNG and CSV
inline constexpr std::string_view kReportFile = "report.html";

/** Records of that name in the folders of a folder, in the order of these: of attacks, of methods. */
std::vector<Path> records_in(const Path& folder, std::string_view file);

/** Folders of what `alias` found, the usual question's first. */
std::vector<Path> aliasings_in(const Path& results);

/**
 * An error where a file that somebody names would replace what cannot be made again: what a run folder keeps there (its page can), or the
 * network's own file, `read`.
 */
void require_replaceable(const Path& file, const Path& read = {});

/** A file or folder of a run folder. */
struct RunFolderEntry {
  std::string name;  // as a path from the run folder; what is in capitals stands for names
  std::string_view what;
};

/** All that may lie in a run folder, for people. */
std::vector<RunFolderEntry> run_folder_layout();

}  // namespace convscope
