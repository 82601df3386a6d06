#pragma once

#include <concepts>
#include <span>
#include <string>
#include <vector>

#include "convscope/base/table.h"
#include "convscope/report/page/html.h"
#include "convscope/results/provenance.h"

namespace convscope {

/** A folder of results, and how the page calls it. */
struct RunFolder {
  Path path;
  std::string name;   // unlike those of the others on the page
  std::string title;  // what was done: "resnet20 on cifar10"; the name where it is not known
  Colour colour;      // of its lines
  bool alone = true;  // no other run is on the page; else what is shown of it says its name
  Path page = {};     // the folder that the page lies in, for links to what lies beside
};

/** What a section puts on the page; `data` is what its script wants to know, beside the markup. */
struct SectionContent {
  Html body;
  Json data = json_object();
};

/**
 * A part of the report page, made of the result files in run folders alone: no network, no data set. A run may be unfinished; a file that
 * is damaged is an error that names it.
 */
class Section {
 public:
  virtual ~Section() = default;

  virtual std::string heading() const = 0;
  /** Whether there are results in the folder that this section shows. */
  virtual bool applies(const Path& folder) const = 0;
  /** How many such folders a page must have: a comparison is of two. */
  virtual size_t fewest() const { return 1; }
  /** Of the folders to which it applies, at least `fewest`. */
  virtual SectionContent render(std::span<const RunFolder> runs) const = 0;

  /** What was done in a folder to which it applies: "resnet20 on cifar10"; empty where its files do not tell. The page takes the first. */
  virtual std::string title(const Path&) const { return ""; }
  /** Whether its results sum up the runs that lie in its folder; these are then on the page too. */
  virtual bool sums_up() const { return false; }

  /** Its own CSS rules, behind those of page_style.cpp. */
  virtual std::string_view style() const { return ""; }
  /** Its own JavaScript, a block that sees `data` (what all sections left) and the helpers of page_script.cpp. */
  virtual std::string_view script() const { return ""; }
};

/** The family, in the order of the page: sections.cpp beside the subjects' folders. */
const Table<Section>& sections();

/** A JSON file of a run folder; bytes in it that are no text are replaced. */
Json read_result(const Path& file);
/** The same as the record that it is; an error names the file. */
template <typename T>
T read_record(const Path& file) {
  const Json result = read_result(file);
  if constexpr (std::derived_from<T, Provenance>)
    return provided_record<T>(result, printable(file.string()));
  else
    return record_from_json<T>(result, printable(file.string()));
}

/** "resnet20 on cifar10" of a record; empty where it has not both. */
std::string network_on_data(const Json& record);

}  // namespace convscope
