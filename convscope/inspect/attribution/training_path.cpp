#include "convscope/inspect/attribution/training_path.h"

#include <algorithm>

#include "convscope/base/join.h"
#include "convscope/results/run_folder.h"
#include "convscope/results/watch_record.h"
#include "convscope/tensor/safetensors.h"

namespace convscope {

namespace {

/** Between two recorded states there may be others, whose slopes nobody has. */
std::string states_text(const WatchRecord& record, const TrainingPath& path, bool mean) {
  const std::string what = mean ? "its mean" : "summed";
  if (path.states >= path.until) return fmt::format("{} over all {} states of the training", what, path.states);
  return fmt::format("{} over {} of the {} states of the training, one each {} updates", what, path.states, path.until, record.every);
}

}  // namespace

Maps TrainingPathAttribution::explain(Subject&, const Tensor& x, const Question& question) const {
  require(!options_.run.empty(), "training-path: run is missing: the folder of a training that was watched");
  const Path folder = Path(options_.run) / kWatch;
  require(std::filesystem::exists(folder / kWatchFile) && has_training_path(folder),
          "{}: nothing was recorded in this run; train one with the options `watch` and `watch_images`", options_.run);
  const WatchRecord record = read_watch(folder);
  const TrainingPath path = read_training_path(folder);
  const Path pixels = folder / kWatchedPixels;
  const Tensor watched = read_safetensors(pixels).tensors["pixels"];
  require(watched.shape() == path.shape && path.shape[0] == std::ssize(record.images) && path.states > 0,
          "{}: its files do not belong together", folder.string());

  std::vector<int64_t> known;
  for (const WatchedImage& image : record.images) known.push_back(image.image);
  Maps maps{Tensor(x.shape()), {}, states_text(record, path, options_.mean)};
  const double share = options_.mean ? 1.0 / static_cast<double>(path.states) : 1.0;
  for (int64_t n = 0; n < x.shape()[0]; ++n) {
    const auto found = std::find(known.begin(), known.end(), question.number(n));
    require(found != known.end(), "training-path: image {} was not watched in {}; `images` {} were", question.number(n), options_.run,
            join(known, ","));
    const auto image = watched.row(found - known.begin()), asked = x.row(n);
    require(std::equal(image.begin(), image.end(), asked.begin(), asked.end()),
            "training-path: image {} is not the one that was watched in {}: that was of {}", question.number(n), options_.run,
            record.data.text());
    const size_t first = static_cast<size_t>(found - known.begin()) * image.size();
    for (size_t i = 0; i < image.size(); ++i) maps.values.row(n)[i] = static_cast<float>(path.sum[first + i] * share);
  }
  return maps;
}

}  // namespace convscope
