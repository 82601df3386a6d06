#include "convscope/train/hardening.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/base/threads.h"

namespace convscope {

namespace {

constexpr int64_t kPixelsAThread = 4096;
constexpr double kBeside = 0.001;  // deviation of a start beside the picture

/** The nearest of [0, 1] that is no farther than ε from the picture. */
float inside(float x, float clean, float epsilon) { return std::clamp(std::clamp(x, clean - epsilon, clean + epsilon), 0.0f, 1.0f); }

float sign(float v) { return static_cast<float>((v > 0) - (v < 0)); }

Request climbing_request(const InnerSearch& search, const Execution& execution, int64_t batch) {
  Request r;
  r.purpose = Purpose::explain;
  r.precision = execution.precision;
  r.engine = execution.engine;
  r.batch = batch;
  // With fixed p the slopes of KL(p ‖ q) and of the cross-entropy −Σ p log q are the same.
  r.objective = search.pairs() ? Choice{"cross-entropy", {{"reduction", "sum"}}} : Choice{"attack-loss", {{"of", "log-odds"}}};
  r.label_distributions = search.pairs();
  r.gradients = {std::string(kPixels)};
  return r;
}

}  // namespace

Hardening::Hardening(const InnerSearch& search, const Graph& network, const std::shared_ptr<Weights>& weights, const Execution& execution,
                     const std::vector<int64_t>& sizes)
    : search_(search) {
  if (search_.start == InnerSearch::Start::kept)
    kept_ = Tensor(network.shape(network.at(kPixels)).with_batch(*std::max_element(sizes.begin(), sizes.end())));
  if (search_.by_batch) return;
  for (const int64_t size : sizes) climbing_[size] = compile(network, weights, climbing_request(search_, execution, size));
}

void Hardening::move(Program& training, int64_t count, const RunContext& context) {
  Tensor& pixels = training.input(kPixels);
  const int64_t numbers = count * pixels.shape().inner();
  clean_.assign(pixels.data(), pixels.data() + numbers);
  const std::span<float> x = pixels.span().subspan(static_cast<size_t>(search_.pairs() ? numbers : 0), static_cast<size_t>(numbers));
  start(x, count, context);
  if (search_.pairs()) note_answers(count, context);
  const float epsilon = static_cast<float>(search_.epsilon), alpha = static_cast<float>(search_.alpha);
  for (int64_t step = 0; step < search_.steps; ++step) {
    const float* up = slope(training, x, count, context);
    parallel(numbers, kPixelsAThread, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        x[static_cast<size_t>(i)] = inside(x[static_cast<size_t>(i)] + alpha * sign(up[i]), clean_[static_cast<size_t>(i)], epsilon);
    });
  }
}

void Hardening::start(std::span<float> x, int64_t count, const RunContext& context) const {
  const int64_t inner = std::ssize(x) / count;
  const float epsilon = static_cast<float>(search_.epsilon);
  const RandomStream random(context.seed, "adversarial training");
  parallel(count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      // Another place each epoch, the same whatever is beside it in the batch.
      const auto part = static_cast<uint64_t>(context.sample(n)), first = context.epoch * static_cast<uint64_t>(inner);
      for (int64_t i = 0; i < inner; ++i) {
        const auto at = static_cast<size_t>(n * inner + i);
        const uint64_t index = first + static_cast<uint64_t>(i);
        float beside = 0;
        switch (search_.start) {
          case InnerSearch::Start::picture:
            break;
          case InnerSearch::Start::uniform:
            beside = epsilon * (2 * random.uniform(index, part) - 1);
            break;
          case InnerSearch::Start::normal:
            beside = static_cast<float>(kBeside) * random.normal(index, part);
            break;
          case InnerSearch::Start::kept:
            beside = kept_[static_cast<int64_t>(at)];
            break;
        }
        x[at] = inside(clean_[at] + beside, clean_[at], epsilon);
      }
    }
  });
}

void Hardening::note_answers(int64_t count, const RunContext& context) {
  if (search_.by_batch) return;             // the training's own program compares both answers itself
  Program& program = *climbing_.at(count);  // the one that answers for the moved ones: its rounding is theirs
  std::copy(clean_.begin(), clean_.end(), program.input(kPixels).data());
  program.run(context);
  const Tensor& logits = program.logits();
  Tensor& wanted = program.input(kLabels);
  for (int64_t n = 0; n < count; ++n) {
    const auto z = logits.row(n);
    const auto p = wanted.row(n);
    const float top = *std::max_element(z.begin(), z.end());
    double sum = 0;
    for (size_t y = 0; y < z.size(); ++y) sum += p[y] = std::exp(z[y] - top);
    for (float& v : p) v = static_cast<float>(v / sum);
  }
}

const float* Hardening::slope(Program& training, std::span<const float> x, int64_t count, const RunContext& context) {
  if (search_.by_batch) {
    training.run(context);
    const Tensor& all = training.gradient(kPixels);
    return all.data() + (search_.pairs() ? count * all.shape().inner() : 0);
  }
  Program& program = *climbing_.at(count);
  std::copy(x.begin(), x.end(), program.input(kPixels).data());
  if (!search_.pairs()) std::copy_n(training.input(kLabels).data(), count, program.input(kLabels).data());
  program.run(context);
  return program.gradient(kPixels).data();
}

void Hardening::keep(Program& training) {
  if (search_.start != InnerSearch::Start::kept) return;
  const Tensor& up = training.gradient(kPixels);
  const float epsilon = static_cast<float>(search_.epsilon), alpha = static_cast<float>(search_.alpha);
  for (int64_t i = 0; i < up.size(); ++i) kept_[i] = std::clamp(kept_[i] + alpha * sign(up[i]), -epsilon, epsilon);
}

}  // namespace convscope
