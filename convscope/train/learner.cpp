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

/** Of full batches, or of their shards, and of a last batch that is not full; the first of them is the same on all ranks. */
std::vector<int64_t> Learner::batch_sizes() const {
  const int64_t size = data_->size(), full = std::min(options_.batch, size), rest = size % full;
  std::vector<int64_t> sizes;
  for (const int64_t images : {full, options_.drop_last ? 0 : rest})
    for (int64_t shard = 0; shard < options_.shards; ++shard) {
      const int64_t count = shard_of_batch(images, shard, options_.shards).count();
      if (count > 0 && std::find(sizes.begin(), sizes.end(), count) == sizes.end()) sizes.push_back(count);
    }
  return sizes;
}

/** Everything is compiled before the first step. */
void Learner::compile_programs() {
  const std::vector<int64_t> sizes = batch_sizes();
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
  Pass pass = pass_of_part(indices, place, true);
  gradients_ = last_->parameter_gradients();
  return pass;
}

Learner::Pass Learner::pass_of_shards(std::span<const int64_t> indices, const Place& place) {
  const std::span<float> statistics = this->statistics();
  const auto trained = static_cast<size_t>(weights_->trained_floats());
  statistics_before_.assign(statistics.begin(), statistics.end());
  Pass pass;
  pass.seen = std::ssize(indices);
  const bool sums = loss_->sums() && !(search_ && search_->pairs());
  const bool asked = !hooks_.ranks->is_alone() && hooks_.stop && hooks_.stop();
  for (int64_t shard = shards_->first(); shard < shards_->last(); ++shard) {
    const ShardOfBatch part = shard_of_batch(pass.seen, shard, shards_->shards());
    const std::span<float> numbers = shards_->next();
    ShardSum::Report report{.stop = asked};
    if (part.count() == 0) {
      std::fill(numbers.begin(), numbers.end(), 0.0f);
      shards_->add(report);
      continue;
    }
    std::copy(statistics_before_.begin(), statistics_before_.end(), statistics.begin());
    const Pass one = pass_of_part(indices.subspan(static_cast<size_t>(part.first), static_cast<size_t>(part.count())), place, shard == 0);
    const float share = static_cast<float>(static_cast<double>(part.count()) / static_cast<double>(pass.seen));
    const float weight = sums ? 1 : share;
    const std::span<const float> gradients = last_->parameter_gradients();
    parallel(std::ssize(gradients), 1 << 14, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) numbers[static_cast<size_t>(i)] = weight * gradients[static_cast<size_t>(i)];
    });
    // What does not change, such as masks, stays as it is to the last bit.
    for (size_t i = 0; i < statistics.size(); ++i) numbers[trained + i] = share * (statistics[i] - statistics_before_[i]);
    report.loss = one.fault ? std::numeric_limits<double>::quiet_NaN() : one.loss;
    report.correct = one.correct;
    if (!pass.fault) pass.fault = one.fault;
    pass.waited += one.waited;
    shards_->add(report);
  }
  const std::span<float> total = shards_->total();
  gradients_ = total.first(trained);
  for (size_t i = 0; i < statistics.size(); ++i) statistics[i] = statistics_before_[i] + total[trained + i];

  int faulty = -1;
  for (int64_t shard = 0; shard < shards_->shards(); ++shard) {
    const ShardSum::Report& report = shards_->reports()[static_cast<size_t>(shard)];
    pass.loss += report.loss;
    pass.correct += report.correct;
    pass.stop = pass.stop || report.stop != 0;
    if (!std::isfinite(report.loss) && faulty < 0) faulty = shards_->rank_of(shard);
  }
  // The rank that has the pictures knows where it began; all end with its words.
  if (faulty >= 0) pass.fault = hooks_.ranks->all_gather(pass.fault.value_or(""))[static_cast<size_t>(faulty)];
  return pass;
}

Learner::Pass Learner::pass_of_part(std::span<const int64_t> indices, const Place& place, bool observed) {
  Pass pass;
  pass.seen = static_cast<int64_t>(indices.size());
  last_ = programs_.at(pass.seen).get();
  Program& program = *last_;
  const uint64_t epoch = static_cast<uint64_t>(place.epoch);
  const Timer timer;
  read(program, indices, epoch);
  pass.waited = timer.seconds();

  const RunContext context{static_cast<uint64_t>(options_.seed), epoch, numbers_};
  if (hardening_) hardening_->move(program, pass.seen, context);
  if (observed)
    for (const auto& observer : hooks_.observers) observer->before_update({place.epoch, place.step, place.rate, weights_});
  program.run(context);
  const double loss = program.objective();
  if (observed)
    for (const auto& observer : hooks_.observers) observer->after_pass({place.epoch, place.step, network_, *weights_, program});
  if (!std::isfinite(loss))
    pass.fault = first_non_finite(network_, weights_, request(pass.seen), program.input(kPixels), program.input(kLabels), context);
  if (hardening_) hardening_->keep(program);
  pass.loss = loss_->sums() && !(search_ && search_->pairs()) ? loss : loss * static_cast<double>(pass.seen);
  for (int64_t n = 0; n < pass.seen; ++n)
    pass.correct += argmax(program.logits().row(n)) == static_cast<int64_t>(program.input(kLabels)[n]);
  return pass;
}

/** With pairs the moved pictures come behind, under the same labels and numbers. */
void Learner::read(Program& program, std::span<const int64_t> indices, uint64_t epoch) {
  const std::span<float> pixels = program.input(kPixels).span(), labels = program.input(kLabels).span();
  const size_t copies = labels.size() / indices.size();
  numbers_.resize(labels.size());
  read_batch(*data_, indices, epoch, pixels.first(pixels.size() / copies), labels.first(indices.size()),
             std::span(numbers_).first(indices.size()));
  if (copies == 1) return;
  std::copy_n(labels.begin(), indices.size(), labels.begin() + std::ssize(indices));
  std::copy_n(numbers_.begin(), indices.size(), numbers_.begin() + std::ssize(indices));
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
