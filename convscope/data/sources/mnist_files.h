#pragma once

#include "convscope/data/source.h"

namespace convscope {

/**
 * The format of MNIST, LeCun et al. 1998, and of its descendants: 60,000 and 10,000 grey pictures, [1, 28, 28], 10 classes, in four IDX
 * files. A member says what is its own.
 */
class MnistFiles : public DataSource {
 public:
  std::vector<DataFile> files(Split split) const override;
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;
  Offer offer() const override;
  std::string how_to_get(const Path& root) const override;

 protected:
  /** MD5 of the four files, unpacked and as they are offered, gzipped. */
  struct Checksums {
    std::string content;
    std::string gzipped;
  };
  struct Facts {
    Checksums train_images, train_labels, test_images, test_labels;
    std::string address;  // where the four lie
    std::vector<std::string> classes;
  };
  virtual Facts facts() const = 0;
};

}  // namespace convscope
