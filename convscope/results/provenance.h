#pragma once

/**
 * Where the numbers of a record come from, told once for all kinds of records: enough to cite them, and to have them again.
 * A record is a Provenance with its own findings behind it. Non-goal: a log of what was done in which order.
 */

#include <string>
#include <string_view>

#include "convscope/results/result.h"

namespace convscope {

struct NetworkOrigin {
  std::string name = {};
  std::string file = {};
  std::string sha256 = {};
  std::string preprocessing = {};
  int64_t parameters = 0;

  void fields(auto&& field) {
    field("name", name, "what it calls itself: the model with its options, or an ONNX file's name");
    field("file", file, "the file that it was read from, absolute; empty where it has none");
    field("sha256", sha256, "digest of that file when it was opened");
    field("preprocessing", preprocessing,
          "what its first node does to pixels in [0, 1], as `normalize` takes it: a name or MEAN/STD; none");
    field("parameters", parameters, "trained numbers");
  }
};

struct DataOrigin {
  std::string name = {};
  std::string folder = {};
  std::string split = {};
  int64_t limit = 0;
  std::string images = {};
  int64_t count = 0;
  std::string digest = {};

  void fields(auto&& field) {
    field("name", name, "data set with its options, as it was said; files: pictures by name; empty: no data were looked at");
    field("folder", folder, "of a folder of pictures: its path, absolute and without links; empty for other data");
    field("split", split, "train or test; empty where there is none");
    field("limit", limit, "the most images that were asked for; 0: all, or those of `images`");
    field("images", images, "images as they were asked for; empty: the first ones, of all classes in turn");
    field("count", count, "images that there were");
    field("digest", digest, "MD5 of their names, class/file or number in the published split, a line each, sorted");
  }

  /** "cifar10, test". */
  std::string text() const;
};

/** What every record begins with. */
struct Provenance {
  NetworkOrigin network = {};
  DataOrigin data = {};
  Json options = json_object();
  int64_t seed = 1;
  std::string version = {};
  std::string processor = {};

  void fields(auto&& field) {
    field("network", network, "the network");
    field("data", data, "the images");
    field("options", options, "what was asked, as resolved: each option by its name in the help");
    field("seed", seed, "of all random numbers");
    field("version", version, "of the program");
    field("processor", processor, "on which it was computed");
  }

  /** A record takes what is told of its numbers. */
  void came_from(Provenance origin) { *this = std::move(origin); }
};

/** A record of a version that knew network and data by their names alone, or not at all, as one of this version. */
Json with_provenance(Json record);

/** A record that has its provenance, also one of an earlier version. */
template <typename T>
T provided_record(const Json& j, std::string_view whose) {
  return record_from_json<T>(with_provenance(j), whose);
}

}  // namespace convscope
