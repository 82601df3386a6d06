#pragma once

#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** A number that a study published, and ours. */
struct StudyFigure {
  std::string part;
  std::string what;
  double published = kUnknown;
  double ours = kUnknown;
  double low = kUnknown, high = kUnknown;
  std::string unit = "%";
  std::string note;

  void fields(auto&& field) {
    field("part", part, "which part of the study it belongs to");
    field("what", what, "what was measured");
    field("published", published, "as published; not there where the study gives no number");
    field("ours", ours, "as measured here; not there before its part is done");
    field("low", low, "lower end of the 95 % interval of ours");
    field("high", high, "upper end");
    field("unit", unit, "% or what else both are in");
    field("note", note, "what differs from the published setting, in a sentence");
  }
};

struct StudyPart {
  std::string name;
  std::string about;
  std::string folder;
  std::string state = "open";
  double seconds = 0;
  std::string command = {};
  std::string version = {};
  std::string processor = {};
  int64_t threads = 0;
  std::string date = {};

  void fields(auto&& field) {
    field("name", name, "of the part");
    field("about", about, "what is done in it");
    field("folder", folder, "where its results lie in the study's folder; empty where they lie in the study's own");
    field("state", state, "open, begun or done");
    field("seconds", seconds, "that it has taken so far");
    field("command", command, "what was asked when it was done, folders by their last names; empty like all below before it is done");
    field("version", version, "of the program that did it");
    field("processor", processor, "on which it was done");
    field("threads", threads, "that computed; 0: not known");
    field("date", date, "on which it was done, year-month-day in UTC");
  }
};

/** Where a study stands: study.json in its folder. */
struct StudyRecord : Provenance {
  std::string study;
  std::string title;
  std::string scale;
  std::string precision = "fp32";
  std::vector<StudyPart> parts;
  std::vector<StudyFigure> figures;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("study", study, "its name");
    field("title", title, "what it is about");
    field("scale", scale, "quick, medium or full");
    field("precision", precision, "of its trainings");
    field("parts", parts, "what is done in the study, in order");
    field("figures", figures, "numbers that it published, and ours");
  }
};

}  // namespace convscope
