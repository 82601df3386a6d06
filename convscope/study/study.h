#pragma once

/**
 * The family of studies: published work done again, part by part.
 * Goals: a part that is done is not done again; one that was interrupted goes on; published figures stand beside ours, with their
 * difference and a word on what was not the same. Not a goal: a language for experiments.
 */

#include <functional>
#include <memory>

#include "convscope/api/train.h"
#include "convscope/base/table.h"
#include "convscope/results/study_record.h"

namespace convscope {

enum class Scale {
  quick,   // minutes
  medium,  // what two cores do in an evening
  full,    // as published
};
std::string_view name_of(Scale scale);
/** An error where there is none of that name. */
Scale scale_named(std::string_view name);

/** What a part works with. */
struct StudyContext {
  Path folder;  // of the study
  Scale scale = Scale::quick;
  Setting setting = {};
  std::function<TrainHooks(const TrainOptions& options)> hooks = {};  // progress of trainings
  std::string network = {};                                           // that somebody wants a study of; empty: the study takes its own
  NetworkOptions network_options = {};
  std::string data = {};              // for that network; what it was trained on without it
  int64_t limit = 0;                  // images that cost much, attacked ones; 0: as the scale has it
  std::vector<double> epsilons = {};  // of attacked images; empty: as published
  std::string command = {};           // what somebody typed, to be kept with what it found

  /** A training in a folder of the study: begun, gone on with, or found finished. Throws Stopped where it was asked to end. */
  TrainingSummary train(const std::string& name, const Json& options, const WatchOptions& watch = {}) const;
  /** The folder of a training that a part before has done; an error where it has not. */
  Path trained(const std::string& name) const;
};

/** The test images of a training in a study. */
Pictures test_pictures(const StudyContext& context, const TrainOptions& options);

/** What records of a study's own tell of how they came to be: its options and the machine. Their networks' files are told in the runs. */
Provenance provenance_of(const StudyContext& context);

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
  bool of_own_network = false;  // left out where somebody brings a network
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
 * Does the parts that are open, in order, and keeps study.json, results.json and report.html after each. A part that lacks what it needs (a
 * data set that is not there) is told and left open. True where all is done.
 */
bool run_study(const std::string& name, const Study& study, const StudyContext& context);

}  // namespace convscope
