#pragma once

/**
 * What a watched training leaves in its run folder: the maps of the same images before each update, and the way of the loss's slopes.
 * Goals: a file appears whole or not at all, and none is ever written again, so a training that died goes on with the recording; bounded
 * memory for readers; small files. Non-goal: maps to the last bit; each is kept in 255 levels of its own largest number.
 *
 * Its files are told in results/run_folder.h; they lie in the folder `watch` there.
 */

#include <span>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/shape.h"

namespace convscope {

struct WatchedImage {
  int64_t image = 0;
  int64_t label = 0;
  int64_t target = 0;
  std::string input;

  void fields(auto&& field) {
    field("image", image, "its number in the test set");
    field("label", label, "its true class");
    field("target", target,
          "the class whose number is explained, in all frames, by methods that take a target; where each frame chooses, that of the first");
    field("input", input, "PNG of the image");
  }
  void check(std::string_view whose) const;
};

struct WatchedMethod {
  std::string method;
  bool sign = false;
  std::string explains = {};
  std::string legend = {};
  std::string channels = "added";
  bool targeted = true;
  std::string video = {};

  void fields(auto&& field) {
    field("method", method, "the method with its options");
    field("sign", sign, "whether numbers below zero mean something");
    field("explains", explains, "what the maps are of, in words");
    field("legend", legend, "what their colours mean, in words");
    field("channels", channels,
          "how several channels became one: added, farthest (at each pixel the number farthest from 0), or empty where there is one");
    field("targeted", targeted, "whether the images' targets choose what the maps are of");
    field("video", video, "its animation, made when the training has ended");
  }
  void check(std::string_view whose) const;
};

/** Its network is the one that is trained: its parameters are in the run folder, so that it has no file. */
struct WatchRecord : Provenance {
  std::string target;
  std::string of = "logits";
  int64_t every = 1;
  int64_t rows = 0, columns = 0;
  std::vector<std::string> classes = {};
  std::vector<WatchedMethod> methods = {};
  std::vector<WatchedImage> images = {};

  void fields(auto&& field) {
    Provenance::fields(field);
    field("target", target, "true, predicted (by the network of the first frame), frame (by that of each frame) or a class");
    field("of", of, "whose number of the target is explained: logits or softmax");
    field("every", every, "updates from frame to frame");
    field("rows", rows, "of an image");
    field("columns", columns, "of an image");
    field("classes", classes, "their names");
    field("methods", methods, "one for each method");
    field("images", images, "one for each image");
  }
  void check(std::string_view whose) const;
};

/** `folder` is the one of the recording. */
WatchRecord read_watch(const Path& folder);

/** Frames in a row: F frames of M methods and N images [H, W], of several channels one number a pixel. */
struct WatchFrames {
  int64_t methods = 0, images = 0, rows = 0, columns = 0;
  std::vector<int64_t> updates;    // [F] made before; 0: the network as it began
  std::vector<int32_t> predicted;  // [F, N] class
  std::vector<float> confidence;   // [F, N] its softmax
  std::vector<float> units;        // [F, M, N] what one level is worth
  std::vector<int8_t> levels;      // [F, M, N, H, W] −127 … 127

  explicit WatchFrames(const WatchRecord& record)
      : methods(std::ssize(record.methods)), images(std::ssize(record.images)), rows(record.rows), columns(record.columns) {}
  int64_t count() const { return std::ssize(updates); }
  float unit(int64_t f, int64_t m, int64_t n) const { return units[static_cast<size_t>((f * methods + m) * images + n)]; }
  std::span<const int8_t> map(int64_t f, int64_t m, int64_t n) const {
    const size_t plane = static_cast<size_t>(rows * columns);
    return std::span(levels).subspan(static_cast<size_t>((f * methods + m) * images + n) * plane, plane);
  }
  /** Appends a map to the frame that is being made. */
  void add_map(std::span<const float> plane);
  bool operator==(const WatchFrames&) const = default;
};

/** In the order of their frames. */
std::vector<Path> frame_files(const Path& folder);
/** Updates before the first frame of such a file. */
int64_t first_update_of(const Path& frame_file);
/** One more file; at least one frame. */
void write_frames(const Path& folder, const WatchFrames& frames);
WatchFrames read_frames(const Path& file, const WatchRecord& record);

/** The sum of ∂J(x, true class)/∂x over the states of a training. */
struct TrainingPath {
  Shape shape;         // [N, C, H, W]
  int64_t states = 0;  // in the sum
  int64_t until = 0;   // updates before the next state that is not in it
  std::vector<double> sum;
};

bool has_training_path(const Path& folder);
void write_training_path(const Path& folder, const TrainingPath& path);
TrainingPath read_training_path(const Path& folder);

/** Removes what an earlier recording left; nothing else in the folder is touched. */
void remove_watch(const Path& folder);

}  // namespace convscope
