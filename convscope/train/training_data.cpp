#include "convscope/train/training_data.h"

#include "convscope/data/augment.h"
#include "convscope/data/locate.h"
#include "convscope/data/sources/folder.h"
#include "convscope/models/file_model.h"
#include "convscope/models/model.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

/** A training ends with an evaluation: that its test set is missing is said before, not then. */
void require_test_split(const TrainOptions& options, std::span<const Path> roots) {
  const Choice choice = data_choice(test_data_of(options), roots);
  if (const auto folder = image_folder_of(choice))
    require(!has_splits(*folder) || has_split(*folder, Split::test),
            "{}: has no test/ or val/ with class folders in it; the trained network is judged on it", folder->string());
  else
    locate_data(*data_sources().make(choice), Split::test, roots);
}

/** Test pictures of another name are of the same size and classes. */
void require_alike(const TrainOptions& options, const Dataset& train, const Dataset& test) {
  require(train.image_shape() == test.image_shape() && train.classes().size() == test.classes().size(),
          "`test_data` {}: pictures of {} and {} classes; those of `data` {} are of {} and {}", options.test_data, test.image_shape(),
          test.classes().size(), options.data, train.image_shape(), train.classes().size());
  check_classes(train.classes(), test.classes());
}

}  // namespace

const std::string& test_data_of(const TrainOptions& options) { return options.test_data.empty() ? options.data : options.test_data; }

Choice training_choice(const TrainOptions& options, std::span<const Path> roots) {
  Choice choice = data_choice(options.data, roots);
  const auto folder = image_folder_of(choice);
  if (!folder) return choice;
  require_folder(*folder);
  const bool held_out = fields_from_json<FolderSource::Options>(choice.options, folder->string()).held_out > 0;
  // What is held out is the same for all seeds, and for everybody who opens these data again to judge the network.
  if (!choice.options.contains("seed") && !held_out) choice.options["seed"] = options.seed;
  require(has_splits(*folder) || held_out || !options.test_data.empty(),
          "{}: it has no train/ and test/ of its own, so the same pictures would train and test; say how much to keep apart, "
          "`data` {},held_out=0.2, or other pictures by `test_data`",
          folder->string(), options.data);
  return choice;
}

Shape usual_picture(const TrainOptions& options) {
  Shape image = model_named(options.model)->usual_task().image;
  image[0] = 3;
  return image;
}

std::shared_ptr<const Dataset> open_split(const TrainOptions& options, Split split, std::span<const Path> roots) {
  const bool other = split == Split::test && !options.test_data.empty();
  const Choice choice = other ? data_choice(options.test_data, roots) : training_choice(options, roots);
  return image_folder_of(choice) ? open_dataset(choice, split, roots, usual_picture(options)) : open_dataset(choice, split, roots);
}

TrainData train_data(const TrainOptions& options, std::span<const Path> roots) {
  TrainData data;
  data.train = open_split(options, Split::train, roots);
  if (const Decoding* decoding = decoding_of(*data.train)) data.decoding = *decoding;
  if (options.validation > 0) require_test_split(options, roots);
  require(data.train->classes().size() > 1,
          "{}: one class alone, '{}': nothing can be learnt of it, every answer would be right; `data` with "
          "two classes or more was wanted",
          options.data, data.train->classes().front());
  const TrainingPart parts = training_part(data.train, options.limit, options.validation, options.seed);
  data.train = parts.training;
  data.test_is_validation = parts.validation != nullptr;
  data.test = data.test_is_validation ? parts.validation : open_split(options, Split::test, roots);
  if (!options.test_data.empty() && !data.test_is_validation) require_alike(options, *data.train, *data.test);
  data.trained_on = trained_on(options, *data.train, roots);
  if (Augmentations changes = parse_augmentations(options.augment); !changes.empty())
    data.train = std::make_shared<Augment>(data.train, std::move(changes), static_cast<uint64_t>(options.seed));
  return data;
}

}  // namespace convscope
