#pragma once

#include <vector>

#include "convscope/data/source.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** Beside pictures in a .npy file: what is known of them, dataset.json. `attack` leaves one with its pictures. */
struct PictureArray {
  std::string pictures = "pictures.npy";
  std::string split = "test";
  std::vector<std::string> classes;
  std::vector<int64_t> labels;
  std::vector<int64_t> numbers;
  std::string origin;

  void fields(auto&& field) {
    field("pictures", pictures, "array [N, C, H, W] beside this file, of float32 pixels in [0, 1]");
    field("split", split, "of the data that they were made of: train or test");
    field("classes", classes, "names [Y]");
    field("labels", labels, "true classes [N], 0 to Y − 1");
    field("numbers", numbers, "[N] in the published split");
    field("origin", origin, "what made them of what, for people");
  }
  void check(std::string_view whose) const;
};

inline constexpr std::string_view kPictureArrayFile = "dataset.json";

/**
 * Pictures in a .npy file with labels beside, as floats: adversaries as they were judged, which 8 bits of a PNG would round away.
 *
 *   FOLDER/dataset.json   PictureArray
 *   FOLDER/pictures.npy   [N, C, H, W]
 */
class ArraySource : public DataSource {
 public:
  static constexpr const char* kName = "array";
  struct Options {
    std::string path;
    void fields(auto&& field) { field("path", path, "folder with dataset.json and the pictures, as `attack` leaves it"); }
  };
  explicit ArraySource(Options options) : options_(std::move(options)) {}

  std::string name() const override { return kName; }
  bool generated() const override { return true; }
  bool published() const override { return false; }
  std::vector<DataFile> files(Split) const override { return {}; }
  std::vector<int64_t> per_class(Split) const override { return {}; }
  std::string how_to_get(const Path& root) const override;
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;

 private:
  Options options_;
};

/** The folder with dataset.json that a folder means: itself, or the only one in its attacks/; nothing where there is none. Several are an
 * error. */
std::optional<Path> array_folder(const Path& folder);

/** Of data that were read from an array, what was read, a sentence for people; empty for others. */
std::string array_text(const Dataset& data);

}  // namespace convscope
