#pragma once

/**
 * The family of studies: published work done again, part by part.
 * Goals: a part that is done is not done again; one that was interrupted goes on; published figures stand beside ours, with their
 * difference and a word on what was not the same. Not a goal: a language for experiments.
 */

#include <functional>
#include <map>
#include <memory>

#include "convscope/base/table.h"
#include "convscope/results/study_record.h"
#include "convscope/results/training_summary.h"
#include "convscope/train/trainer.h"

namespace convscope {

enum class Scale { quick, full };

/** A network that somebody wants a study of, instead of the study's own. */
struct StudyNetwork {
  Graph graph;
  std::map<std::string, Tensor> tensors;
  std::string name;
  std::shared_ptr<const Dataset> data;  // its test images
  std::string data_name;
};

/** What a part works with. */
struct StudyContext {
  Path folder;  // of the study
  Scale scale = Scale::quick;
  std::vector<Path> roots;
  std::string precision = "fp32";
  std::string engine = "onednn";
  int64_t seed = 1;
  std::function<bool()> stop;
  std::function<void(std::string_view)> say;                     // a line for people
  std::function<TrainHooks(const TrainOptions& options)> hooks;  // progress of trainings
  /** Looks inside the network of a run folder, leaves pictures and record there, and gives the record: weights, activations, neurons,
   * clusters. */
  std::function<Json(const std::string& kind, const Path& run)> inspect = {};
  std::string network_path = {};                    // as it was said; empty: the study takes its own
  std::function<StudyNetwork()> open_network = {};  // where one was said
  int64_t limit = 0;                                // images that cost much, attacked ones; 0: as the scale has it

  /** A training in a folder of the study: begun, gone on with, or found finished. Throws Stopped where it was asked to end. */
  TrainingSummary train(const std::string& name, const Json& options) const;
};

/** Somebody asked for an end; all that is done is kept. */
class Stopped : public Error {
 public:
  using Error::Error;
};

/** A part: what it is called, and the deed, which gives the figures that it found. */
struct Part {
  std::string name;
  std::string about;
  std::string folder;  // of its results in the study's folder; "" where they lie in the study's own
  std::function<std::vector<StudyFigure>(const StudyContext&)> run;
};

class Study {
 public:
  virtual ~Study() = default;
  virtual std::string title() const = 0;
  virtual std::vector<Part> parts(Scale scale) const = 0;
  /** Whether it looks at a network that somebody brings. */
  virtual bool takes_network() const { return false; }
};

/** The family. */
const Table<Study>& studies();

/**
 * Does the parts that are open, in order, and keeps study.json and report.html after each. A part that lacks what it needs (a data set that
 * is not there) is told and left open. True where all is done.
 */
bool run_study(const std::string& name, const Study& study, const StudyContext& context);

}  // namespace convscope
