#include "convscope/train/evaluator.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "convscope/base/timer.h"
#include "convscope/data/batches.h"
#include "convscope/ranks/in_order.h"

namespace convscope {

namespace {

/** Classes with a higher logit; of equal ones, those of lower index. */
int64_t rank_of(std::span<const float> logits, int64_t label) {
  int64_t rank = 0;
  const float own = logits[static_cast<size_t>(label)];
  for (int64_t y = 0; y < static_cast<int64_t>(logits.size()); ++y) {
    const float other = logits[static_cast<size_t>(y)];
    rank += !(other < own) && (other != own || y < label);  // a NaN counts as higher
  }
  return rank;
}

/** What the op gives for the first `count` images of a batch. */
double loss_of(const Op& op, const Tensor& logits, std::span<const int64_t> labels) {
  const int64_t count = std::ssize(labels), classes = logits.shape()[1];
  const Tensor rows({count, classes}, logits.span().first(static_cast<size_t>(count * classes)));
  Tensor truth({count}), loss({1});
  std::copy(labels.begin(), labels.end(), truth.data());
  const Tensor* const in[] = {&rows, &truth};
  Tensor* const out[] = {&loss};
  op.run(in, out, {});
  return loss[0];
}

double loss_of_one(const Op& op, std::span<const float> logits, int64_t label) {
  return loss_of(op, Tensor({1, std::ssize(logits)}, logits), {&label, 1});
}

Request prediction(int64_t batch, const Execution& execution) {
  Request request;
  request.batch = batch;
  request.precision = execution.precision;
  request.engine = execution.engine;
  return request;
}

}  // namespace

void check_fits(const Graph& network, const Dataset& data) {
  const Shape& pixels = network.shape(network.at(kPixels));
  const Shape& image = data.image_shape();
  require(pixels[1] == image[0] && pixels[2] == image[1] && pixels[3] == image[2],
          "the network takes pictures of [{}, {}, {}], the data set has {}", pixels[1], pixels[2], pixels[3], image);
  const int64_t logits = network.shape(network.output)[1];
  const int64_t classes = static_cast<int64_t>(data.classes().size());
  require(logits == classes, "the network tells {} classes apart, the data set has {}{}", logits, classes,
          logits > classes ? "; where these are some of the network's, `class_names` tells which (a file with `index id name` lines)" : "");
}

bool only_numbered(std::span<const std::string> classes) {
  for (size_t y = 0; y < classes.size(); ++y)
    if (classes[y] != std::to_string(y)) return false;
  return true;
}

void check_classes(std::span<const std::string> network, std::span<const std::string> data) {
  if (only_numbered(network) || only_numbered(data)) return;
  for (size_t y = 0; y < std::min(network.size(), data.size()); ++y)
    require(network[y] == data[y], "class {} is '{}' to the network and '{}' in the data; accuracies of other classes mean nothing", y,
            network[y], data[y]);
}

Evaluator::Evaluator(const Graph& network, std::shared_ptr<Weights> weights, std::shared_ptr<const Dataset> data,
                     const Execution& execution, int64_t batch, const std::string& loss, std::string_view views)
    : data_(std::move(data)),
      batch_(std::min(batch, std::max<int64_t>(1, data_->size()))),
      loss_name_(loss),
      loss_(losses().make(parse_choice(loss))),
      loss_op_(ops().make(loss_->objective())) {
  check_fits(network, *data_);
  require(data_->size() > 0, "the data set is empty: there is nothing to evaluate");
  for (const View& view : views_named(views)) views_.push_back({view.weight, seen_in(view, data_)});
  program_ = compile(network, std::move(weights), prediction(batch_, execution));
  if (views_.size() > 1) mean_ = Tensor(program_->logits().shape());
}

void Evaluator::look(const Dataset& data, std::span<const int64_t> indices) {
  Tensor& pixels = program_->input(kPixels);
  read_batch(data, indices, 0, pixels.span().first(indices.size() * static_cast<size_t>(pixels.shape().inner())), {}, {});
  program_->run({});
}

const Tensor& Evaluator::logits_of(std::span<const int64_t> indices) {
  if (views_.size() == 1) {
    look(*data_, indices);
    return program_->logits();
  }
  fill(mean_, 0);
  for (const Seen& view : views_) {
    look(*view.data, indices);
    const Tensor& logits = program_->logits();
    for (int64_t i = 0; i < logits.size(); ++i) mean_[i] += static_cast<float>(view.weight) * logits[i];
  }
  return mean_;
}

Evaluation Evaluator::run(const std::function<void(int64_t done, int64_t total)>& progress,
                          const std::function<void(int64_t index, std::span<const float> logits)>& seen) {
  Timer timer;
  const int64_t size = data_->size(), classes = static_cast<int64_t>(data_->classes().size());
  std::vector<int64_t> order(static_cast<size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::vector<int64_t>> confusion(static_cast<size_t>(classes), std::vector<int64_t>(static_cast<size_t>(classes)));
  right_.assign(static_cast<size_t>(size), 0);
  losses_.clear();
  double loss = 0;
  int64_t top5 = 0, judged = 0;
  std::vector<int64_t> labels;
  const auto answer = [&](int64_t piece) {
    const int64_t first = piece * batch_, count = std::min(batch_, size - first);
    const auto indices = std::span<const int64_t>(order).subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    const float* logits = logits_of(indices).data();
    return std::string(reinterpret_cast<const char*>(logits), static_cast<size_t>(count * program_->logits().shape()[1]) * sizeof(float));
  };
  const auto judge = [&](int64_t piece, std::string_view logits_in_bytes) {
    const int64_t first = piece * batch_, count = std::min(batch_, size - first);
    Tensor answers({count, program_->logits().shape()[1]});
    std::memcpy(answers.data(), logits_in_bytes.data(), logits_in_bytes.size());
    labels.clear();
    for (int64_t n = 0; n < count; ++n) {
      const auto logits = answers.row(n);
      const int64_t label = data_->label(first + n);
      require(label >= 0 && label < classes, "image {} is of class {}; classes 0 to {} were wanted", first + n, label, classes - 1);
      const int64_t says = argmax(logits);
      ++confusion[static_cast<size_t>(label)][static_cast<size_t>(says)];
      right_[static_cast<size_t>(first + n)] = says == label;
      labels.push_back(label);
      if (keeps_losses_) losses_.push_back(loss_of_one(*loss_op_, logits, label));
      top5 += rank_of(logits, label) < 5;
      if (seen) seen(first + n, logits);
    }
    if (count == batch_ || !loss_->couples_images()) {
      loss += loss_of(*loss_op_, answers, labels) * (loss_->sums() ? 1.0 : static_cast<double>(count));
      judged += count;
    }
    if (progress) progress(first + count, size);
  };
  in_order(*ranks_, (size + batch_ - 1) / batch_, answer, judge);
  if (!ranks_->is_root()) return {};
  Evaluation e = evaluation_of(std::move(confusion), data_->classes());
  e.loss = loss / static_cast<double>(judged);
  e.loss_name = loss_name_;
  if (classes > 5) e.top5_accuracy = static_cast<double>(top5) / static_cast<double>(size);
  e.images_per_second = static_cast<double>(size) / timer.seconds();
  return e;
}

}  // namespace convscope
