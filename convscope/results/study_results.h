#pragma once

#include "convscope/results/study_record.h"

namespace convscope {

/** A network that was brought, or data: by name and digest, not by where they lay. */
struct BroughtNetwork {
  std::string name;
  std::string sha256;

  void fields(auto&& field) {
    field("name", name, "what it calls itself; empty: the study trained its own");
    field("sha256", sha256, "digest of its file");
  }
};

/** What a study found, to be kept: the record without what is of one machine alone. A small file that pages are made of. */
struct StudyResults {
  std::string study;
  std::string title;
  std::string scale;
  std::string precision;
  int64_t seed = 1;
  BroughtNetwork network;
  std::vector<StudyPart> parts;
  std::vector<StudyFigure> rows;

  void fields(auto&& field) {
    field("study", study, "its name");
    field("title", title, "what it is about");
    field("scale", scale, "quick, medium or full");
    field("precision", precision, "of its trainings");
    field("seed", seed, "of all random numbers");
    field("network", network, "that somebody brought");
    field("parts", parts, "of the study, done and open ones, with the command, version, processor and day of each");
    field("rows", rows, "a row for each number: published, ours, interval, what differs; `part` tells how it came to be");
  }
};

StudyResults results_of(const StudyRecord& record);

}  // namespace convscope
