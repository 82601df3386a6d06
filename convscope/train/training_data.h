#pragma once

#include <memory>
#include <optional>
#include <span>

#include "convscope/data/image_folder.h"
#include "convscope/train/trained_on.h"

namespace convscope {

/** What a training learns from and is judged by. */
struct TrainData {
  std::shared_ptr<const Dataset> train, test;  // test may be null
  bool test_is_validation = false;
  std::optional<Decoding> decoding = {};  // of the training pictures, where they came from a folder
  TrainedOn trained_on = {};
};

/**
 * The data that a training is asked for, with what it draws samples by; a folder that would show the same pictures for training and for
 * testing is refused.
 */
Choice training_choice(const TrainOptions& options, std::span<const Path> roots);

/** What the model usually takes, [3, H, W]: whether pictures are grey is for the data to say. */
Shape usual_picture(const TrainOptions& options);

/**
 * One split of a training's data, as it is published; pictures of a folder get the size that its model is usually given, and random numbers
 * of the training's seed, but for `held_out`, which is the same for all.
 */
std::shared_ptr<const Dataset> open_split(const TrainOptions& options, Split split, std::span<const Path> roots);

/** What test pictures are called in it: `test_data`, or `data`. */
const std::string& test_data_of(const TrainOptions& options);

/** A training's data as its options say: limited, held out, augmented. */
TrainData train_data(const TrainOptions& options, std::span<const Path> roots);

}  // namespace convscope
