#pragma once

#include "convscope/data/image_folder.h"
#include "convscope/data/source.h"

namespace convscope {

/** A folder of pictures with a folder for each class, or train/ and test/ with such: image_folder.h as a member of the family. */
class FolderSource : public DataSource {
 public:
  static constexpr const char* kName = "folder";
  struct Options : ImageFolderOptions {
    std::string path;
    void fields(auto&& field) {
      field("path", path, "where it is");
      ImageFolderOptions::fields(field);
    }
  };
  explicit FolderSource(Options options) : options_(std::move(options)) {}

  std::string name() const override { return kName; }
  bool generated() const override { return true; }
  bool published() const override { return false; }
  std::vector<DataFile> files(Split) const override { return {}; }
  std::vector<int64_t> per_class(Split) const override { return {}; }
  std::string how_to_get(const Path& root) const override;
  /** Photos: shifted by an eighth at most, and mirrored. */
  std::string harmless_changes(const Shape& image) const override;
  void bring_to(const Shape& image) override { image_ = image; }
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;

 private:
  Options options_;
  std::optional<Shape> image_;
};

}  // namespace convscope
