#include "convscope/train/trained_on.h"

#include <algorithm>

#include "convscope/data/locate.h"
#include "convscope/data/sample_names.h"
#include "convscope/data/sources/folder.h"
#include "convscope/data/subset.h"

namespace convscope {

namespace {

std::string digest_of(const Dataset& samples) { return digest_of_names(sample_names(samples)); }

/** The same samples as names alone, from the folder as it is now. */
std::shared_ptr<const Dataset> listed_again(const TrainedOn& t, const Path& folder) {
  const auto options = fields_from_json<FolderSource::Options>(parse_choice(t.data).options, t.data);
  return training_part(list_image_folder(folder, options, Split::train), t.limit, t.validation, t.seed).training;
}

bool is_folder(const Path& folder) {
  std::error_code ignored;
  return std::filesystem::is_directory(folder, ignored);
}

}  // namespace

std::string data_with_seed(const TrainOptions& o, std::span<const Path> roots) {
  const Choice choice = data_choice(o.data, roots);
  const auto folder = image_folder_of(choice);
  if (!folder || choice.options.contains("seed")) return o.data;
  const auto options = fields_from_json<FolderSource::Options>(choice.options, folder->string());
  return options.sample == 0 || options.held_out > 0 ? o.data : fmt::format("{},seed={}", o.data, o.seed);
}

TrainingPart training_part(std::shared_ptr<const Dataset> published, int64_t limit, double validation, int64_t seed) {
  if (limit > 0) published = Subset::first(published, std::min(limit, published->size()));
  if (validation == 0) return {std::move(published), nullptr};
  TrainingAndValidation parts = split_validation(published, validation, static_cast<uint64_t>(seed));
  return {std::move(parts.training), std::move(parts.validation)};
}

TrainedOn trained_on(const TrainOptions& o, const Dataset& training, std::span<const Path> roots) {
  Choice choice = data_choice(data_with_seed(o, roots), roots);
  TrainedOn t{.data = {},
              .folder = {},
              .limit = o.limit,
              .validation = o.validation,
              .seed = o.seed,
              .samples = training.size(),
              .digest = digest_of(training)};
  if (const auto folder = image_folder_of(choice)) t.folder = std::filesystem::canonical(*folder).string();
  choice.options.erase("path");
  t.data = origin(choice);
  return t;
}

std::set<Path> training_files(const TrainedOn& t, const Path& likely) {
  if (t.folder.empty()) return {};
  std::shared_ptr<const Dataset> samples;
  try {
    if (is_folder(t.folder)) {
      samples = listed_again(t, t.folder);
    } else if (is_folder(likely)) {
      samples = listed_again(t, likely);
      if (digest_of(*samples) != t.digest) return {};
    } else {
      return {};
    }
  } catch (const Error&) {
    return {};  // its classes are others now
  }
  std::set<Path> files;
  for (int64_t i = 0; i < samples->size(); ++i) files.insert(samples->file(i));
  return files;
}

}  // namespace convscope
