#include "convscope/subject/seeded_network.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "convscope/graph/ops/concat.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/rules/rectifiers.h"

namespace convscope {

SeededNetwork::SeededNetwork(const NetworkSubject& network, std::vector<std::string> nodes)
    : graph_(network.graph()), weights_(network.weights()), options_(network.options()), image_(network.image()), nodes_(std::move(nodes)) {
  require(!nodes_.empty(), "no node whose numbers could be driven");
  std::vector<Value> rows;
  for (const std::string& node : nodes_) {
    Value v = graph_.at(node);
    const Shape& shape = graph_.shape(v);
    require(shape.rank() == 2 || shape.rank() == 4, "node '{}' gives {}; [N, C, H, W] or [N, F] was wanted", node, shape);
    shapes_.push_back(Shape(shape.extents().subspan(1)));
    begins_.push_back(numbers_);
    numbers_ += shapes_.back().size();
    rectified_ = rectified_ || has_rectifier(network.graph(), node);
    if (shape.rank() == 4) v = graph_.add(graph_.free_name("seeded/flatten"), std::make_shared<FlattenOp>(NoOptions{}), {v});
    rows.push_back(v);
  }
  if (rows.size() == 1)
    graph_.output = rows.front();
  else
    graph_.output =
        graph_.add(graph_.free_name("seeded/all"), std::make_shared<ConcatOp>(ConcatOptions{static_cast<int64_t>(rows.size())}), rows);
}

Program& SeededNetwork::program(bool back, bool redirected, int64_t batch) {
  Compiled& made = programs_[{back, redirected, batch}];
  if (!made.program) {
    Request request;
    request.purpose = back ? Purpose::explain : Purpose::predict;
    request.precision = options_.precision;
    request.engine = options_.engine;
    request.batch = batch;
    if (back) {
      request.objective = Choice{std::string(PickOp::kKind), json_object()};
      request.label_distributions = true;
      request.gradients = {std::string(kPixels)};
      request.rules = options_.rules;
    }
    if (redirected) {
      request.rules = redirected_ruling()->rules;
      made.notes = make_computation(graph_, request, true).notes.contains(kRedirected);
    }
    made.program = compile(graph_, weights_, request);
  }
  return *made.program;
}

template <typename PerBatch>
void SeededNetwork::in_batches(Program& program, int64_t batch, const Tensor& x, const Tensor* seeds, PerBatch&& take) {
  const int64_t images = x.shape()[0];
  require(x.shape() == Shape({images, image_[0], image_[1], image_[2]}), "images {}: the network takes [N, {}, {}, {}]", x.shape(),
          image_[0], image_[1], image_[2]);
  // What is left of the last batch is a repetition of its first image.
  const auto lay = [&](const Tensor& rows, Tensor& in, int64_t first, int64_t count) {
    const int64_t inner = rows.shape().inner();
    std::copy_n(rows.data() + first * inner, count * inner, in.data());
    for (int64_t n = count; n < batch; ++n) std::copy_n(in.data(), inner, in.data() + n * inner);
  };
  for (int64_t first = 0; first < images; first += batch) {
    const int64_t count = std::min(batch, images - first);
    lay(x, program.input(kPixels), first, count);
    if (seeds) lay(*seeds, program.input(kLabels), first, count);
    program.run({});
    take(first, count);
  }
}

namespace {

/** Few images go through a program that is no larger than they are. */
int64_t batch_for(int64_t images, int64_t most) {
  return std::min(most, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(1, images)))));
}

}  // namespace

Tensor SeededNetwork::given(const Tensor& x) {
  const int64_t batch = batch_for(x.shape()[0], options_.batch);
  Program& forward = program(false, false, batch);
  Tensor all({x.shape()[0], numbers_});
  in_batches(forward, batch, x, nullptr,
             [&](int64_t first, int64_t count) { std::copy_n(forward.logits().data(), count * numbers_, all.data() + first * numbers_); });
  return all;
}

SeededNetwork::Slopes SeededNetwork::slopes(const Tensor& x, const Tensor& seeds, bool redirected) {
  const int64_t images = x.shape()[0], batch = batch_for(images, options_.batch);
  require(seeds.shape() == Shape{images, numbers_}, "seeds {} for {} images of {} numbers", seeds.shape(), images, numbers_);
  redirected = redirected && rectified_;
  Program& both = program(true, redirected, batch);
  const bool notes = programs_[{true, redirected, batch}].notes;
  Slopes slopes{Tensor(x.shape()), std::vector<int64_t>(static_cast<size_t>(images))};
  in_batches(both, batch, x, &seeds, [&](int64_t first, int64_t count) {
    std::copy_n(both.gradient(kPixels).data(), count * image_.size(), slopes.gradient.data() + first * image_.size());
    if (!notes) return;
    for (int64_t n = 0; n < count; ++n) slopes.opened[static_cast<size_t>(first + n)] = std::llround(both.gradient(kRedirected)[n]);
  });
  return slopes;
}

}  // namespace convscope
