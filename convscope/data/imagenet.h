#pragma once

#include <functional>
#include <map>
#include <string>

#include "convscope/base/file.h"

namespace convscope {

/**
 * The class, as a WordNet id ("n01440764"), of each picture of ImageNet's validation set, by the picture's name without its ending. From
 *
 *   a text      a line a picture, in their order: the id alone (picture 1 is ILSVRC2012_val_00000001), or the picture's name and the id,
 *               separated by blanks or a comma; what follows is passed over, and so is a heading `ImageId,PredictionString`
 *   the devkit  ILSVRC2012_devkit_t12.tar.gz: ILSVRC2012_validation_ground_truth.txt by way of meta.mat
 */
std::map<std::string, std::string> read_imagenet_labels(const Path& path);

struct PrepareOptions {
  std::function<void(int64_t done, int64_t total)> progress;  // bytes of the tar
  std::function<bool()> stop;
};

struct Prepared {
  Path folder;
  int64_t images = 0;
  int64_t classes = 0;
  int64_t written = 0;  // the others were there already
  bool stopped = false;
};

/**
 * Unpacks ILSVRC2012_img_val.tar into `out`/val/<id>/, picture by picture. A picture without a label and a label without its picture are
 * errors. What is there with its size stays, so that running again goes on.
 */
Prepared prepare_imagenet(const Path& tar, const Path& labels, const Path& out, const PrepareOptions& options = {});

/** Pictures of the whole validation set. */
inline constexpr int64_t kImagenetValidation = 50'000;

}  // namespace convscope
