#include "convscope/api/evaluate.h"

#include <algorithm>
#include <optional>
#include <set>

#include "convscope/api/evaluation_place.h"
#include "convscope/api/features.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/json_file.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/report/evaluation/confusion_matrix.h"
#include "convscope/results/answers.h"
#include "convscope/results/learning_signs.h"
#include "convscope/results/paired_difference.h"
#include "convscope/results/prediction_sheet.h"
#include "convscope/results/question.h"
#include "convscope/tensor/npy.h"
#include "convscope/train/evaluator.h"
#include "convscope/train/normalization.h"
#include "convscope/train/run_folder.h"

namespace convscope {

namespace {

constexpr int64_t kDrawn = 48;  // pictures on the sheet, as published drawn at random
constexpr size_t kMistakes = 48;

/** Places of those that are shown: a draw by the seed, so that a folder that lies class by class is shown in all its classes. */
std::set<int64_t> drawn_places(int64_t count, uint64_t seed) {
  const std::vector<int64_t> order = permutation(count, RandomStream(seed, "prediction sheet"));
  return {order.begin(), order.begin() + std::min(count, kDrawn)};
}

/** Writes the picture at a place, called by its number; its file's name. */
std::string written_picture(const Path& folder, const Pictures& pictures, int64_t place) {
  const int64_t channels = pictures.image()[0];
  if (channels != 1 && channels != 3) return "";
  std::string name = fmt::format("{:05}.png", pictures.numbers()[static_cast<size_t>(place)]);
  write_png(folder / name, pictures.visible(place));
  return name;
}

/** Pictures that were kept for pages of several runs. */
void remove_disputed(const Path& folder) {
  std::error_code ignored;
  std::vector<Path> kept;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with("disputed-")) kept.push_back(entry.path());
  for (const Path& file : kept) std::filesystem::remove(file, ignored);
}

/** The pictures that an earlier sheet names; whatever else lies in the folder is not ours to remove. */
void remove_earlier(const Path& folder) {
  if (!std::filesystem::exists(folder / kSheetFile)) return;
  const Path file = folder / kSheetFile;
  try {
    const PredictionSheet sheet = provided_record<PredictionSheet>(read_json(file), file.string());
    std::error_code ignored;
    for (const std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
      for (const SheetEntry& entry : *list)
        if (!entry.picture.empty()) std::filesystem::remove(folder / entry.picture, ignored);
  } catch (const Error&) {
    // A damaged sheet does not tell what is its own; it is written over, and nothing else is touched.
  }
}

/** The sheet knows its pictures by their places; people are told their numbers. */
void write_sheet(const Path& folder, const Pictures& pictures, PredictionSheet& sheet) {
  make_folder(folder);
  remove_earlier(folder);
  remove_disputed(folder);
  for (std::vector<SheetEntry>* list : {&sheet.first, &sheet.mistakes})
    for (SheetEntry& entry : *list) {
      entry.picture = written_picture(folder, pictures, entry.index);
      entry.index = pictures.numbers()[static_cast<size_t>(entry.index)];
    }
  write_json(folder / kSheetFile, fields_to_json(sheet));
}

void remove_if_there(const Path& file) {
  std::error_code none;
  std::filesystem::remove(file, none);
}

/** Pictures as a normalisation leaves them. */
class NormalisedPictures : public Dataset {
 public:
  NormalisedPictures(std::shared_ptr<const Dataset> base, Normalization by) : base_(std::move(base)), by_(std::move(by)) {}
  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(index); }
  int64_t number(int64_t index) const override { return base_->number(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override {
    base_->pixels(index, epoch, out);
    const size_t channels = by_.mean.size(), plane = out.size() / channels;
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>((out[i] - by_.mean[i / plane]) / by_.std[i / plane]);
  }

 private:
  std::shared_ptr<const Dataset> base_;
  Normalization by_;
};

/** Pictures and classes of ImageNet or of CIFAR-10: for these there are normalisations that everybody uses. */
bool has_usual_normalizations(const Network& network) {
  const Shape image = network.image();
  return image[0] == 3 && (network.outputs() == 1000 || (image == Shape{3, 32, 32} && network.outputs() == 10));
}

/**
 * A network from elsewhere that gets pixels as they are, although it is right far more often with a normalisation that is in common use, as
 * a line for people. Told by the first pictures, and only where chance is out of the question.
 */
std::optional<std::string> missing_normalization(const Network& network, const Pictures& pictures, const Setting& setting) {
  if (!network.trained_on.empty() || network.file.empty() || network_origin(network).preprocessing != "none" ||
      !has_usual_normalizations(network))
    return std::nullopt;
  constexpr int64_t kTried = 300, kBatch = 64;
  constexpr double kChance = 0.001;  // five are tried
  const bool may_be_checkpoint = network.file.extension() == ".safetensors";
  const Pictures some = pictures.first(kTried);
  const auto judged = [&](std::shared_ptr<const Dataset> data) {  // 1 for each that is right
    Evaluator evaluator(network.graph, network.weights(), std::move(data), setting.execution, std::min(kBatch, some.size()));
    evaluator.run();
    return std::vector<uint8_t>(evaluator.right().begin(), evaluator.right().end());
  };
  const auto share = [](const std::vector<uint8_t>& right) {
    return static_cast<double>(std::count(right.begin(), right.end(), 1)) / static_cast<double>(right.size());
  };
  const std::vector<uint8_t> plain = judged(some.dataset());
  std::optional<std::string> told;
  double best = 0;
  const std::pair<std::string_view, Normalization> usual[] = {
      {"`normalize` imagenet", parse_normalization("imagenet")},
      {"`normalize` cifar10", parse_normalization("cifar10")},
      {"`normalize` 0.5/0.5", {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}}},
      {"`scale255`", {{0, 0, 0}, {1.0 / 255, 1.0 / 255, 1.0 / 255}}},
      {"`normalize` 0.48235,0.45882,0.40784/1 and `scale255`", {{0.48235, 0.45882, 0.40784}, {1.0 / 255, 1.0 / 255, 1.0 / 255}}}};
  for (const auto& [name, normalization] : usual) {
    const std::vector<uint8_t> mended = judged(std::make_shared<NormalisedPictures>(some.dataset(), normalization));
    PairedCounts counts;
    for (size_t i = 0; i < plain.size(); ++i) ++counts.of(mended[i], plain[i]);
    if (mcnemar_p(counts) > kChance || share(mended) <= std::max(best, share(plain))) continue;
    best = share(mended);
    told = fmt::format("NORMALISATION: of the first {} images {} are right as they are, {} with {}{}", some.size(), percent(share(plain)),
                       percent(best), name, may_be_checkpoint ? "; a checkpoint of ours gets it where it is made, as by `convert`" : "");
  }
  return told;
}

/** Tells people what is wrong with the network by what it says of images that nobody chose: chosen ones may well be alike. */
void tell_of_faults(const Evaluation& e, const Network& network, const Pictures& pictures, const Setting& setting) {
  constexpr int64_t kFewest = 30;  // fewer may well be of one class
  if (const auto only = only_answer(e); only && e.total >= kFewest)
    setting.tell(
        fmt::format("ONE ANSWER: the network takes all {} images for '{}'; it has learnt nothing, or its pixels want another "
                    "normalisation",
                    e.total, e.classes[*only]));
  if (const auto missing = missing_normalization(network, pictures, setting)) setting.tell(*missing);
}

}  // namespace

void check_evaluation(const EvaluateOptions& options, const Path& folder) {
  require_use(options.batch >= 1, "`batch` {}: at least 1 was wanted", options.batch);
  (void)views_named(options.views);
  if (folder.empty() && (options.save_logits || !options.save_features.empty()))
    throw WrongUse("`out` is missing: a folder for what `save_logits` and `save_features` keep");
}

Evaluation evaluate(const Network& network, const Pictures& pictures, const Path& folder, const Setting& setting,
                    const EvaluateOptions& options) {
  check_evaluation(options, folder);
  check_pictures(network, pictures);
  require(pictures.size() == 0 || !pictures.labels().empty(),
          "nobody says what the pictures of {} show, so that no answer is right or wrong: labels of all of them were wanted",
          pictures.name());
  const Provenance origin = provenance_of(network, pictures, fields_to_json(options), setting);
  const std::string node = options.save_features.empty() ? "" : require_layer(network.graph, options.save_features);
  const bool root = setting.ranks->is_root();
  if (!folder.empty() && root) require_evaluation_place(folder / kEvaluation, origin, setting);
  const auto data = pictures.dataset();
  require_alike_question(*setting.ranks, origin, *data);
  const Path place = folder / kPredictions;
  std::optional<NpyWriter> kept;
  if (options.save_logits && root) {
    make_folder(place);
    kept.emplace(place / kLogitsFile, Shape{pictures.size(), network.outputs()});
  }
  Evaluator evaluator(network.graph, network.weights(), data, setting.execution, options.batch, "cross-entropy", options.views);
  evaluator.share_out(setting.ranks);
  SheetPicker picker(pictures.classes(), drawn_places(pictures.size(), setting.seed), kMistakes);
  std::vector<Answer> answers;
  Evaluation e = evaluator.run(setting.progress, [&](int64_t index, std::span<const float> logits) {
    picker.see(index, data->label(index), logits);
    answers.push_back(answer_of(pictures.numbers()[static_cast<size_t>(index)], data->label(index), logits));
    if (kept) kept->add(logits);
  });
  if (root) {
    e.came_from(origin);
    e.seen_in_training = seen_in_training(network, *data);
    if (origin.data.images.empty()) tell_of_faults(e, network, pictures, setting);
  }
  e = record_of_root(*setting.ranks, e);
  if (folder.empty()) return e;
  if (!root) {
    if (!node.empty()) write_features(place / kFeaturesFile, network, pictures, node, setting);
    return e;
  }

  PredictionSheet sheet = picker.sheet();
  sheet.came_from(e);
  write_sheet(place, pictures, sheet);
  write_file(place / kAnswersFile, answers_csv(answers));
  for (const std::string_view file : {kLogitsFile, kFeaturesFile, kLabelsFile, kIndicesFile}) remove_if_there(place / file);
  if (kept) kept->finish();
  if (!node.empty()) write_features(place / kFeaturesFile, network, pictures, node, setting);
  if (kept || !node.empty()) {
    write_npy(place / kLabelsFile, {pictures.size()}, pictures.labels());
    write_npy(place / kIndicesFile, {pictures.size()}, pictures.numbers());
  }
  write_json(folder / kEvaluation, fields_to_json(e));
  write_confusion_matrix(folder / kFigures, e, fmt::format("{} on {}", e.network.name, e.data.text()));
  return e;
}

}  // namespace convscope
