#include "convscope/study/run_under_attack.h"

#include <utility>

#include "convscope/attack/attack.h"
#include "convscope/models/checkpoint.h"
#include "convscope/nn/initialisers.h"
#include "convscope/results/evaluation.h"
#include "convscope/study/pictures.h"
#include "convscope/train/run_folder.h"
#include "convscope/train/trainer.h"

namespace convscope {

RunUnderAttack::RunUnderAttack(const StudyContext& context, const std::string& run, Json options, State state)
    : context_(context), folder_(context.folder / (state == State::trained ? run : run + "-untrained")) {
  const Path file = context.folder / run / kLastNetwork;
  require(std::filesystem::exists(file), "{}: there is no trained network yet", file.string());
  if (!options.contains("seed")) options["seed"] = context.seed;
  const TrainOptions resolved = resolve_options(options);
  Checkpoint trained = load_checkpoint(file);
  test_ = open_split(resolved, Split::test, context.roots);
  network_name_ = resolved.model + (state == State::trained ? "" : ", untrained");
  data_name_ = resolved.data + ", test";
  auto tensors = state == State::trained ? std::move(trained.tensors) : initialise(trained.graph, static_cast<uint64_t>(resolved.seed));
  network_ = std::make_unique<AttackedNetwork>(trained.graph, std::make_shared<Weights>(trained.graph, std::move(tensors)),
                                               usual_batch(test_->image_shape()));
}

AttackRecord RunUnderAttack::attack(const std::string& method, AttackRequest request) {
  request.attack = parse_choice(method);
  request.seed = static_cast<uint64_t>(context_.seed);
  request.network = network_name_;
  request.data_name = data_name_;
  request.keep = false;
  request.stop = context_.stop;
  try {
    return attack_into(folder_, network_->subject(), network_->subject(), *test_, request);
  } catch (const AttackStopped& e) {
    throw Stopped(fmt::format("{}: {}", method, e.what()));
  }
}

StudyFigure share_figure(std::string what, double published, int64_t some, int64_t all, std::string note) {
  StudyFigure figure;
  figure.what = std::move(what);
  figure.published = published;
  figure.note = std::move(note);
  if (all == 0) return figure;
  figure.ours = 100 * static_cast<double>(some) / static_cast<double>(all);
  const auto [low, high] = wilson_interval(some, all);
  figure.low = 100 * low;
  figure.high = 100 * high;
  return figure;
}

}  // namespace convscope
