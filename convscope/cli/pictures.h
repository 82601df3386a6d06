#pragma once

#include "convscope/cli/foreign_flags.h"
#include "convscope/study/pictures.h"

namespace convscope {

/** Which pictures a command looks at. */
struct PictureOptions {
  std::string data;
  std::string split = "test";
  std::string images;
  std::string image;

  void fields(auto&& field) {
    field("data", data, "data set of the images; that of its training without it, where NET is a run folder");
    field("split", split, "train or test");
    field("images", images, "numbers of images in it: 0,1,7 or 0-15; the first eight without it");
    field("image", image, "image files instead, with commas between");
  }
};

/** `--data`, or what the network was trained on; an error where neither is known. */
std::string data_of(const PictureOptions& options, const Network& network);

/** "0,1,7" or "0-15" of `count` things; an error where one is not there. */
std::vector<int64_t> parse_numbers(std::string_view text, int64_t count, std::string_view what);

Pictures choose_pictures(const PictureOptions& options, const Network& network, std::span<const Path> roots);

/** Where results go: `--out`, or the run folder that NET is; an error where it is none. */
Path folder_of_results(const std::string& out, const std::string& network);

}  // namespace convscope
