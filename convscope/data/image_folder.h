#pragma once

#include <memory>
#include <optional>

#include "convscope/base/fields.h"
#include "convscope/base/file.h"
#include "convscope/data/dataset.h"

namespace convscope {

/** How a folder of pictures becomes a data set: `flowers,size=128,resize=crop`. */
struct ImageFolderOptions {
  int64_t size = 0;
  std::string resize = "squash";
  bool grey = false;
  std::string decode = "exact";
  bool orient = false;
  int64_t sample = 0;
  std::string classes;
  double held_out = 0;
  int64_t seed = 1;

  void fields(auto&& field) {
    field("size", size, "rows and columns of the pictures; 0: those that the network takes");
    field(
        "resize", resize,
        "squash: to the size, aspect not kept; crop: the shorter side to 256/224 of the size, then its middle; random-crop: the same, but "
        "in training a new random part in each epoch, 8 to 100 % of the picture");
    field("grey", grey, "read as grey pictures");
    field(
        "decode", decode,
        "exact: JPEG files whole, then resized, the numbers of Pillow; scaled: at 1/2, 1/4 or 1/8 of their sides where the resizing still "
        "shrinks that, for large photos faster, with pictures that differ a little, which is measured and told");
    field("orient", orient,
          "photos stand as their camera was held (EXIF); without it the numbers are taken as they lie, as torchvision does");
    field("sample", sample, "at most so many random pictures of each split; 0: all");
    field("classes", classes, "only these, separated by '/': rose/tulip");
    field("held_out", held_out, "share of each class that is the test split, for a folder without train/ and test/");
    field("seed", seed, "of sample, held_out and random-crop");
  }
};

/** How long it took to read pictures into memory. */
struct Decoding {
  int64_t images = 0;
  double seconds = 0;
  int64_t bytes = 0;          // that they take decoded
  Shape picture = {};         // [C, H, W] that they were brought to
  double shrunk = 1;          // the files' shorter sides, on average, over that of the pictures
  int64_t scaled = 0;         // pictures that were decoded smaller than they are
  double strays = 0;          // mean absolute difference of some of these from exact ones, in levels of 255
  std::string left_out = {};  // "3 files left out: …"; empty where there are none
};

/**
 * Opens a folder of JPEG, PNG, WebP, BMP and GIF files, a sub-folder for each class:
 *
 *   FOLDER/rose/1.jpg                                 without held_out both splits are all pictures
 *   FOLDER/train/rose/1.jpg, FOLDER/test/rose/2.jpg   or training/; testing/, val/, valid/ or validation/
 *
 * Classes are the sorted names of the sub-folders, those of train/ for both splits. A class has the pictures in its folder and in all
 * folders below it, sorted as torchvision does. What is hidden is passed over; files beside the class folders, or of other endings than
 * those of pictures, are counted and told. The kind of a file is told by its first bytes. A class name that is not UTF-8 is read as
 * Latin-1.
 *
 * What is held out and what is sampled is a draw by the picture's own name: class, file and seed. Other classes, other pictures and the way
 * the folder is said change nothing for it; only in a class where the draw would leave one side empty does the likeliest picture go there.
 *
 * decode=scaled leaves the numbers of Pillow: 400 photos of 672×672 brought to 224 were 0.49 levels of 255 from exact ones on average
 * and 2.7 times faster; MobileNet-v2 named another first class for 14 of them, and 56.0 % right instead of 57.3 %. Those of 224×224 are not
 * scaled.
 *
 * Everything is decoded at once by all threads and held in 8 bits, for a data set that competes with the training for no core; what does
 * not fit into memory is refused beforehand. `image` [C, H, W] is what the network takes: the pictures get its size and channels where the
 * options say nothing else. An empty class and a file that is no picture are errors that name them.
 */
std::shared_ptr<const Dataset> open_image_folder(const Path& folder, const ImageFolderOptions& options, Split split,
                                                 const std::optional<Shape>& image = {});

/** The same samples with their files and labels alone: nothing is read, and to ask for pixels is an error. */
std::shared_ptr<const Dataset> list_image_folder(const Path& folder, const ImageFolderOptions& options, Split split);

/** What reading a folder of pictures took; null for other data sets. */
const Decoding* decoding_of(const Dataset& dataset);

/** An error where there is no such folder; it names what lies beside it under nearly that name. */
void require_folder(const Path& folder);

/** Whether the folder has train/, or test/ or val/, of its own. */
bool has_split(const Path& folder, Split split);
/** Whether it has one of them. */
bool has_splits(const Path& folder);

}  // namespace convscope
