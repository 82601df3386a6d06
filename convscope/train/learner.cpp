#include "convscope/train/learner.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/sha256.h"
#include "convscope/base/threads.h"
#include "convscope/base/timer.h"
#include "convscope/data/batches.h"
#include "convscope/models/file_model.h"
#include "convscope/models/foreign/adopt.h"
#include "convscope/models/foreign/normaliser.h"
#include "convscope/models/new_head.h"
#include "convscope/models/onnx/side_file.h"
#include "convscope/nn/initialisers.h"
#include "convscope/train/clipping.h"
#include "convscope/train/decay.h"
#include "convscope/train/diagnosis.h"
#include "convscope/train/normalization.h"
#include "convscope/train/shards_in_step.h"
#include "convscope/train/whitening.h"

namespace convscope {

namespace {

/** What somebody's network holds: of a run or a checkpoint, of an ONNX file, or of a state dict of the model. */
std::map<std::string, Tensor> weights_of(const TrainOptions& o, const Shape& image) {
  if (is_onnx_file(o.from)) {
    OnnxImport import = import_of(o.from);
    import.image = image;
    return load_onnx_network(o.from, import).tensors;
  }
  if (!is_state_dict(o.from)) return load_network(o.from).tensors;
  const auto model = model_named(o.model);
  auto theirs = read_state_dict(o.from);
  if (const auto inside = take_normaliser(theirs, o.from))
    require(alike(inside->values, parse_normalization(o.normalize)),
            "`from` {}: it has its own layer that prepares pixels, '{}' and '{}' ({}); say the same with `normalize`", o.from, inside->mean,
            inside->std, name_of(inside->values));
  return adopt(model->build(image, model->usual_task().classes), std::move(theirs), o.from).tensors;
}

/** Where the last layer is for other classes, it begins anew. */
void renew_head(const Graph& network, uint64_t seed, std::map<std::string, Tensor>& taken) {
  const auto fits = [&](const ParameterInfo& p) { return taken.contains(p.name) && taken.at(p.name).shape() == p.shape; };
  const std::vector<ParameterInfo> all = parameters(network);
  if (std::all_of(all.begin(), all.end(), fits)) return;
  const Head head = head_of(network);
  const bool head_alone = std::all_of(all.begin(), all.end(), [&](const ParameterInfo& p) { return fits(p) || head.has(p.name); });
  if (!head_alone) return;  // it is another network: the caller says what does not fit
  const std::map<std::string, Tensor> fresh = initialise(network, seed);
  for (const std::string& name : {head.weight, head.bias})
    if (!name.empty()) taken.insert_or_assign(name, fresh.at(name));
}

}  // namespace

Learner::Learner(const TrainOptions& options, std::shared_ptr<const Dataset> data, const TrainHooks& hooks)
    : options_(options),
      data_(std::move(data)),
      hooks_(hooks),
      optimiser_(optimisers().make(parse_choice(options.optimiser))),
      loss_(losses().make(parse_choice(options.loss))),
      search_(inner_search(options)) {
  require(data_->size() > 0, "the training data are empty");
  network_ = model_named(options.model)
                 ->build(data_->image_shape(), static_cast<int64_t>(data_->classes().size()), parse_normalization(options.normalize));
}

int64_t Learner::updates_per_epoch() const {
  const int64_t size = data_->size(), full = std::min(options_.batch, size);
  return (size / full + (size % full > 0 && !options_.drop_last ? 1 : 0)) * replays();
}

int64_t Learner::samples_per_epoch() const { return data_->size() * replays(); }

void Learner::check() const {
  const Weights weights(network_, first_weights());
  (void)slow_ranges(parse_part_rates(options_.rates), network_, weights.entries());
  for (const auto& observer : hooks_.observers) (void)observer->taps(network_);
}

void Learner::start() {
  weights_ = std::make_shared<Weights>(network_, first_weights());
  compile_programs();
}

void Learner::resume(const Checkpoint& saved, const std::string& whose) {
  require(!model_file(options_.model) || to_json(saved.graph) == to_json(network_),
          "{}: {} is not the network of the run any more; bring it back, or start another `run` with `from` {}", whose, options_.model,
          whose);
  const std::map<std::string, Tensor> raw = raw_weights(saved, options_.ema > 0);
  check_parameters(network_, raw, whose);
  weights_ = std::make_shared<Weights>(network_, raw);
  compile_programs();
  if (average_) average_->set(saved.tensors);
  require(moments_.empty() || has_moments(saved),
          "{}: a finished training, which keeps no state of its optimiser; another `run` may start with `from` {}", whose, whose);
  restore_moments(saved, *weights_, moments_, whose);
  if (hardening_) restore_kept(saved, hardening_->kept(), whose);
}

void Learner::go_back(const Checkpoint& saved) {
  for (const auto& [name, tensor] : saved.tensors) {
    weights_->set(name, tensor);
    if (average_) average_->weights()->set(name, tensor);
  }
  weights_->changed();
}

std::map<std::string, Tensor> Learner::first_weights() const {
  if (options_.from.empty()) {
    std::map<std::string, Tensor> tensors = initialise(network_, static_cast<uint64_t>(options_.seed));
    fill_whitening(network_, *data_, parse_normalization(options_.normalize), tensors);
    return tensors;
  }
  std::map<std::string, Tensor> taken = weights_of(options_, data_->image_shape());
  renew_head(network_, static_cast<uint64_t>(options_.seed), taken);
  check_parameters(network_, taken, "`from` " + options_.from);
  return taken;
}

Request Learner::request(int64_t batch) const {
  const Execution execution = execution_of(options_.precision, options_.engine);
  Request r;
  r.purpose = Purpose::train;
  r.precision = execution.precision;
  r.engine = execution.engine;
  r.batch = batch * (search_ && search_->pairs() ? 2 : 1);
  r.objective = search_ && search_->pairs() ? Choice{"trades", {{"beta", search_->beta}}} : loss_->objective();
  if (search_ && search_->by_batch) r.gradients = {std::string(kPixels)};
  for (const auto& observer : hooks_.observers) r.taps.merge(observer->taps(network_));
  return r;
}

/** Images of a full batch, and of a last one that is not full. */
std::vector<int64_t> Learner::whole_batches() const {
  const int64_t size = data_->size(), full = std::min(options_.batch, size), rest = size % full;
  return rest > 0 && !options_.drop_last ? std::vector{full, rest} : std::vector{full};
}

/** Of these, or of their shards; the first of them is the same on all ranks. */
std::vector<int64_t> Learner::batch_sizes() const {
  std::vector<int64_t> sizes;
  for (const int64_t images : whole_batches())
    for (int64_t shard = 0; shard < options_.shards; ++shard) {
      const int64_t count = shard_of_batch(images, shard, options_.shards).count();
      if (count > 0 && std::find(sizes.begin(), sizes.end(), count) == sizes.end()) sizes.push_back(count);
    }
  return sizes;
}

/** Everything is compiled before the first step. */
void Learner::compile_programs() {
  const std::vector<int64_t> sizes = batch_sizes();
  const bool together = options_.sync_bn && options_.shards > 1;
  if (together)
    (void)compile(network_, weights_, request(sizes.front()));  // lays out the weights, by the same size on all ranks
  else
    for (const int64_t size : sizes) programs_[size] = compile(network_, weights_, request(size));
  if (search_) {
    hardening_ = std::make_unique<Hardening>(*search_, network_, weights_, execution_of(options_.precision, options_.engine), sizes);
  }
  // The first training program has arranged the weights: from here on the average and the moments lie as they do.
  if (options_.ema > 0) average_ = std::make_unique<WeightAverage>(network_, *weights_, options_.ema);
  if (options_.decay_on == "kernels") decayed_ = decay_on_kernels(network_, *weights_);
  slow_ = slow_ranges(parse_part_rates(options_.rates), network_, weights_->entries());
  moments_.clear();
  for (int i = 0; i < optimiser_->moments(); ++i) moments_.emplace_back(Shape{weights_->trained_floats()});
  if (options_.shards > 1)
    shards_ = std::make_unique<ShardSum>(options_.shards, weights_->trained_floats() + std::ssize(statistics()), hooks_.ranks);
  if (!together) return;
  for (const int64_t images : whole_batches())
    for (int64_t shard = shards_->first(); shard < shards_->last(); ++shard) {
      const int64_t count = shard_of_batch(images, shard, options_.shards).count();
      if (count == 0) continue;
      Request part = request(count);
      part.part_of = images * part.batch / count;  // pairs count twice
      part.moves_statistics = shard == 0;
      in_step_[{shard, images}] = compile(network_, weights_, part);
    }
  std::vector<ShardMeetings> meetings;
  for (const auto& [shard, program] : in_step_) meetings.push_back({shard.first, program->meetings()});
  require_alike_meetings(*hooks_.ranks, meetings);
}

Program& Learner::program_of(int64_t shard, int64_t images, int64_t batch) {
  return in_step_.empty() ? *programs_.at(images) : *in_step_.at({shard, batch});
}

std::span<float> Learner::statistics() {
  int64_t end = weights_->trained_floats();
  for (const Weights::Entry& e : weights_->entries()) end = std::max(end, e.offset + e.floats);
  return {weights_->data() + weights_->trained_floats(), static_cast<size_t>(end - weights_->trained_floats())};
}

std::string Learner::layout() const {
  constexpr int64_t kExact = 16'777'213;  // numbers that float32 has exactly, a prime of them
  std::vector<float> places(static_cast<size_t>(weights_->trained_floats()));
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<float>(static_cast<int64_t>(i) % kExact);
  Sha256 hash;
  const std::map<std::string, Tensor> plain = weights_->to_plain(places);
  for (const auto& [name, tensor] : plain) {
    hash.add(name);
    hash.add({reinterpret_cast<const char*>(tensor.data()), static_cast<size_t>(tensor.size()) * sizeof(float)});
  }
  return hash.digest();
}

std::string Learner::digest() const {
  Sha256 hash;
  hash.add(to_json(network_).dump());
  const std::map<std::string, Tensor> plain = weights_->tensors();
  for (const auto& [name, tensor] : plain) {
    hash.add(name);
    hash.add({reinterpret_cast<const char*>(tensor.data()), static_cast<size_t>(tensor.size()) * sizeof(float)});
  }
  return hash.digest();
}

Learner::Pass Learner::pass(std::span<const int64_t> indices, const Place& place) {
  if (shards_) return pass_of_shards(indices, place);
  Part part = begin_part(*programs_.at(std::ssize(indices)), indices, place, true);
  part.program->run(part.context);
  end_part(part, place);
  gradients_ = part.program->parameter_gradients();
  return part.pass;
}

Learner::Pass Learner::pass_of_shards(std::span<const int64_t> indices, const Place& place) {
  const std::span<float> statistics = this->statistics();
  const auto trained = static_cast<size_t>(weights_->trained_floats());
  statistics_before_.assign(statistics.begin(), statistics.end());
  const bool in_step = !in_step_.empty();
  Pass pass;
  pass.seen = std::ssize(indices);
  const bool asked = !hooks_.ranks->is_alone() && hooks_.stop && hooks_.stop();
  const auto begun = [&](int64_t shard) {
    const ShardOfBatch images = shard_of_batch(pass.seen, shard, shards_->shards());
    return begin_part(program_of(shard, images.count(), pass.seen),
                      indices.subspan(static_cast<size_t>(images.first), static_cast<size_t>(images.count())), place, shard == 0);
  };
  const auto has_images = [&](int64_t shard) { return shard_of_batch(pass.seen, shard, shards_->shards()).count() > 0; };

  std::vector<Part> together;
  std::optional<int64_t> began;  // whose numbers were the first that were not finite, before they came to all shards
  if (in_step) {
    std::vector<ShardInStep> mine;
    together.reserve(static_cast<size_t>(shards_->last() - shards_->first()));
    for (int64_t shard = shards_->first(); shard < shards_->last(); ++shard) {
      if (!has_images(shard)) continue;
      Part& part = together.emplace_back(begun(shard));
      mine.push_back({part.program, part.context});
    }
    began = run_in_step(*hooks_.ranks, {pass.seen, shards_->shards(), sums()}, mine);
  }

  size_t next = 0;
  for (int64_t shard = shards_->first(); shard < shards_->last(); ++shard) {
    const std::span<float> numbers = shards_->next();
    ShardSum::Report report{.stop = asked};
    if (!has_images(shard)) {
      std::fill(numbers.begin(), numbers.end(), 0.0f);
      shards_->add(report);
      continue;
    }
    if (!in_step) std::copy(statistics_before_.begin(), statistics_before_.end(), statistics.begin());
    Part part = in_step ? std::move(together[next++]) : begun(shard);
    if (!in_step) part.program->run(part.context);
    end_part(part, place, !began || *began == shard);
    const float share = static_cast<float>(static_cast<double>(part.pass.seen) / static_cast<double>(pass.seen));
    const float weight = sums() ? 1 : share;
    const std::span<const float> gradients = part.program->parameter_gradients();
    parallel(std::ssize(gradients), 1 << 14, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) numbers[static_cast<size_t>(i)] = weight * gradients[static_cast<size_t>(i)];
    });
    // What does not change, such as masks, stays as it is to the last bit.
    const float moved = !in_step ? share : shard == 0 ? 1 : 0;
    for (size_t i = 0; i < statistics.size(); ++i) numbers[trained + i] = moved * (statistics[i] - statistics_before_[i]);
    report.loss = part.pass.loss;
    report.correct = part.pass.correct;
    if (!pass.fault) pass.fault = part.pass.fault;
    pass.waited += part.pass.waited;
    shards_->add(report);
  }
  const std::span<float> total = shards_->total();
  gradients_ = total.first(trained);
  for (size_t i = 0; i < statistics.size(); ++i) statistics[i] = statistics_before_[i] + total[trained + i];

  bool faulty = false;
  for (int64_t shard = 0; shard < shards_->shards(); ++shard) {
    const ShardSum::Report& report = shards_->reports()[static_cast<size_t>(shard)];
    pass.loss += report.loss;
    pass.correct += report.correct;
    pass.stop = pass.stop || report.stop != 0;
    faulty = faulty || !std::isfinite(report.loss);
  }
  if (!faulty) return pass;
  // The first rank that has pictures with which it began knows more; all end with its words.
  const std::vector<std::string> told = hooks_.ranks->all_gather(pass.fault.value_or(""));
  const auto words = std::find_if(told.begin(), told.end(), [](const std::string& each) { return !each.empty(); });
  pass.fault = words != told.end() ? *words : "what a batch norm brought from another shard, whose own loss is finite";
  return pass;
}

Learner::Part Learner::begin_part(Program& program, std::span<const int64_t> indices, const Place& place, bool observed) {
  Part part{.program = &program, .observed = observed};
  part.pass.seen = std::ssize(indices);
  const Timer timer;
  part.numbers = read(program, indices, static_cast<uint64_t>(place.epoch));
  part.pass.waited = timer.seconds();
  part.context = {static_cast<uint64_t>(options_.seed), static_cast<uint64_t>(place.epoch), part.numbers};
  if (hardening_) hardening_->move(program, part.pass.seen, part.context);
  if (observed)
    for (const auto& observer : hooks_.observers) observer->before_update({place.epoch, place.step, place.rate, weights_});
  return part;
}

void Learner::end_part(Part& part, const Place& place, bool diagnose) {
  Program& program = *part.program;
  Pass& pass = part.pass;
  const double loss = program.objective();
  if (part.observed)
    for (const auto& observer : hooks_.observers) observer->after_pass({place.epoch, place.step, network_, *weights_, program});
  if (!std::isfinite(loss) && diagnose)
    pass.fault = first_non_finite(network_, weights_, request(pass.seen), program.input(kPixels), program.input(kLabels), part.context);
  if (hardening_) hardening_->keep(program);
  pass.loss = sums() ? loss : loss * static_cast<double>(pass.seen);
  for (int64_t n = 0; n < pass.seen; ++n)
    pass.correct += argmax(program.logits().row(n)) == static_cast<int64_t>(program.input(kLabels)[n]);
}

/** With pairs the moved pictures come behind, under the same labels and numbers. */
std::vector<int64_t> Learner::read(Program& program, std::span<const int64_t> indices, uint64_t epoch) const {
  const std::span<float> pixels = program.input(kPixels).span(), labels = program.input(kLabels).span();
  const size_t copies = labels.size() / indices.size();
  std::vector<int64_t> numbers(labels.size());
  read_batch(*data_, indices, epoch, pixels.first(pixels.size() / copies), labels.first(indices.size()),
             std::span(numbers).first(indices.size()));
  if (copies == 1) return numbers;
  std::copy_n(labels.begin(), indices.size(), labels.begin() + std::ssize(indices));
  std::copy_n(numbers.begin(), indices.size(), numbers.begin() + std::ssize(indices));
  return numbers;
}

void Learner::update(const Place& place) {
  const std::span<float> gradients = gradients_;
  clip_gradients(gradients, options_.clip_value, options_.clip_norm);
  std::vector<std::span<float>> moments;
  for (Tensor& m : moments_) moments.push_back(m.span());
  // A part's own rate: it goes its share of the way, whatever the optimiser makes of its gradients.
  const std::span<float> all = weights_->trained();
  before_.clear();
  for (const SlowRange& r : slow_) before_.insert(before_.end(), all.begin() + r.offset, all.begin() + r.offset + r.floats);
  optimiser_->update({weights_->trained(), gradients, std::move(moments), place.rate, place.step + 1, decayed_, weights_->entries()});
  const float* was = before_.data();
  for (const SlowRange& r : slow_)
    for (int64_t i = r.offset; i < r.offset + r.floats; ++i, ++was) {
      float& now = all[static_cast<size_t>(i)];
      now = *was + r.factor * (now - *was);
    }
  weights_->changed();
  if (average_) average_->update(*weights_, place.step + 1);
}

}  // namespace convscope
