#include "convscope/subject/network_subject.h"

#include <algorithm>
#include <array>
#include <bit>

#include "convscope/graph/ops/attack_loss.h"
#include "convscope/graph/ops/elementwise.h"
#include "convscope/graph/ops/objective.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/reshape.h"

namespace convscope {

namespace {

using Use = CompiledPrograms::Key::Use;

/** Programs explained by their losses sum them over the batch, so that no image's slope knows of the others. */
Choice sum_of(const Objective& objective) {
  if (objective.node.empty() && objective.of == Objective::Of::loss)
    return {std::string(CrossEntropyOp::kKind), fields_to_json(CrossEntropyOptions{.reduction = "sum"})};
  if (const auto climbed = attack_loss_name(objective); !climbed.empty())
    return {std::string(AttackLossOp::kKind), fields_to_json(AttackLossOptions{std::string(climbed)})};
  return {std::string(PickOp::kKind), json_object()};
}

Request request_for(Purpose purpose, const NetworkSubject::Options& options) {
  Request request;
  request.purpose = purpose;
  request.precision = options.precision;
  request.engine = options.engine;
  request.batch = options.batch;
  return request;
}

}  // namespace

Graph with_objective(const Graph& graph, const Objective& objective) {
  Graph out = graph;
  const auto add = [&]<typename T>(std::string_view name, typename T::Options options, Value x) {
    return out.add(out.free_name(name), std::make_shared<T>(std::move(options)), {x});
  };
  if (objective.node.empty()) {
    if (objective.of == Objective::Of::softmax) out.output = add.template operator()<SoftmaxOp>("objective/softmax", {}, out.output);
    return out;
  }
  Value x = out.at(objective.node);
  const Shape& shape = out.shape(x);
  require(shape.rank() == 2 || shape.rank() == 4, "node '{}' gives {}; a target is a channel of [N, C, H, W] or a column of [N, F]",
          objective.node, shape);
  if (shape.rank() == 4 && !objective.positions) x = add.template operator()<GlobalAvgPoolOp>("objective/mean", {}, x);
  if (shape.rank() == 4) x = add.template operator()<FlattenOp>("objective/flatten", {}, x);
  out.output = x;
  return out;
}

std::unique_ptr<Program> compile_slopes(const Graph& graph, std::shared_ptr<Weights> weights, const Objective& objective,
                                        const NetworkSubject::Options& options) {
  Request request = request_for(Purpose::explain, options);
  request.objective = sum_of(objective);
  request.gradients = {std::string(kPixels)};
  request.rules = options.rules;
  return compile(with_objective(graph, objective), std::move(weights), request);
}

NetworkSubject::NetworkSubject(Graph graph, std::shared_ptr<Weights> weights, Options options, std::shared_ptr<CompiledPrograms> programs)
    : graph_(std::move(graph)), weights_(std::move(weights)), options_(std::move(options)), programs_(std::move(programs)) {
  require(options_.batch > 0, "a batch of {} images; at least one is needed", options_.batch);
}

NetworkSubject::~NetworkSubject() = default;

Shape NetworkSubject::image() const {
  const Shape& s = graph_.shape(graph_.at(kPixels));
  return {s[1], s[2], s[3]};
}

Shape NetworkSubject::shape(const std::string& node) const {
  const Shape& s = graph_.shape(graph_.at(node));
  return Shape(s.extents().subspan(1));
}

Program& NetworkSubject::predictor(const Objective& objective) {
  const auto made = [&]() -> CompiledPrograms::Entry {
    return {compile(with_objective(graph_, objective), weights_, request_for(Purpose::predict, options_))};
  };
  return *programs_->at({.use = Use::table, .objective = objective, .batch = options_.batch}, made).program;
}

bool NetworkSubject::has_programs() const { return programs_->size() > 0; }

Program& NetworkSubject::tapped(const std::string& node) {
  const auto made = [&]() -> CompiledPrograms::Entry {
    Request request = request_for(Purpose::predict, options_);
    request.taps = {node};
    return {compile(graph_, weights_, request)};
  };
  return *programs_->at({.use = Use::node, .values = {node}, .batch = options_.batch}, made).program;
}

Program& NetworkSubject::explainer(const Objective& objective) {
  const auto made = [&]() -> CompiledPrograms::Entry { return {compile_slopes(graph_, weights_, objective, options_)}; };
  return *programs_->at({.use = Use::slopes, .objective = objective, .batch = options_.batch}, made).program;
}

/** Fills the program's inputs batch by batch; what is left of the last one is a repetition of its first image. */
template <typename PerBatch>
void NetworkSubject::in_batches(Program& program, int64_t batch, std::span<const Feed> feeds, std::span<const int64_t> targets,
                                PerBatch&& take) {
  const int64_t images = feeds.front().rows.shape()[0];
  for (const auto& [input, rows] : feeds) {
    const Shape& wanted = program.input(input).shape();
    require(rows.shape().rank() == wanted.rank() && rows.shape()[0] == images && rows.shape().with_batch(wanted[0]) == wanted,
            "'{}' of {} for {} images; {} for each was wanted", input, rows.shape(), images, wanted);
  }
  for (int64_t first = 0; first < images; first += batch) {
    const int64_t count = std::min(batch, images - first);
    for (const auto& [input, rows] : feeds) {
      Tensor& in = program.input(input);
      const int64_t inner = rows.shape().inner();
      std::copy_n(rows.data() + first * inner, count * inner, in.data());
      for (int64_t n = count; n < batch; ++n) std::copy_n(in.data(), inner, in.data() + n * inner);
    }
    if (!targets.empty()) {
      Tensor& labels = program.input(kLabels);
      for (int64_t n = 0; n < batch; ++n) labels[n] = static_cast<float>(targets[static_cast<size_t>(n < count ? first + n : first)]);
    }
    program.run({});
    done_.forward += count;
    take(first, count);
  }
}

template <typename PerBatch>
void NetworkSubject::in_batches(Program& program, const Tensor& x, std::span<const int64_t> targets, PerBatch&& take) {
  const Shape wanted = image();
  const Shape& came = x.shape();
  require(came.rank() == 4 && came[1] == wanted[0] && came[2] == wanted[1] && came[3] == wanted[2],
          "images {}: the network takes [N, {}, {}, {}]", came, wanted[0], wanted[1], wanted[2]);
  in_batches(program, options_.batch, std::array{Feed{kPixels, x}}, targets, take);
}

Tensor NetworkSubject::table(const Tensor& x, const Objective& objective) {
  Program& program = predictor(objective);
  const int64_t columns = program.logits().shape()[1];
  Tensor all(Shape{x.shape()[0], columns});
  in_batches(program, x, {},
             [&](int64_t first, int64_t count) { std::copy_n(program.logits().data(), count * columns, all.data() + first * columns); });
  return all;
}

Tensor NetworkSubject::activation(const Tensor& x, const std::string& node) {
  Program& program = tapped(node);
  const Shape& one = program.tap(node).shape();
  Tensor all(one.with_batch(x.shape()[0]));
  in_batches(program, x, {}, [&](int64_t first, int64_t count) {
    std::copy_n(program.tap(node).data(), count * one.inner(), all.data() + first * one.inner());
  });
  return all;
}

void NetworkSubject::stream(const std::string& node, int64_t count, const Fill& fill, const Take& take) {
  Program& program = predictor({.node = node, .positions = true});  // the node is its answer: what lies behind is left out
  Tensor& pixels = program.input(kPixels);
  for (int64_t first = 0; first < count; first += options_.batch) {
    const int64_t some = std::min(options_.batch, count - first);
    fill(first, pixels.span().first(static_cast<size_t>(some * pixels.shape().inner())));
    program.run({});
    done_.forward += some;
    take(first, some, program.logits());
  }
}

Slope NetworkSubject::slope(const Tensor& x, const Objective& objective, std::span<const int64_t> targets) {
  require(static_cast<int64_t>(targets.size()) == x.shape()[0], "{} targets for {} images", targets.size(), x.shape()[0]);
  Program& program = explainer(objective);
  const int64_t columns = program.logits().shape()[1];
  // Labels travel as floats, which count exactly to this.
  require(columns <= int64_t{1} << 24, "node '{}' has {} numbers; at most {} can be told apart as targets", objective.node, columns,
          int64_t{1} << 24);
  for (const int64_t target : targets) require_target(target, columns, objective);
  Slope slope{Tensor(x.shape()), {}, Tensor({x.shape()[0], columns})};
  in_batches(program, x, targets, [&](int64_t first, int64_t count) {
    done_.backward += count;
    const auto some = targets.subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    std::copy_n(program.gradient(kPixels).data(), count * x.shape().inner(), slope.gradient.data() + first * x.shape().inner());
    const Tensor table({count, columns}, program.logits().span().first(static_cast<size_t>(count * columns)));
    std::copy_n(table.data(), table.size(), slope.table.data() + first * columns);
    const std::vector<double> numbers = values(table, objective, some);
    slope.value.insert(slope.value.end(), numbers.begin(), numbers.end());
  });
  return slope;
}

Passed NetworkSubject::pass(const Tensor& x, const Pass& pass, std::span<const int64_t> targets, const Tensor& baseline) {
  require(static_cast<int64_t>(targets.size()) == x.shape()[0], "{} targets for {} images", targets.size(), x.shape()[0]);
  // Few images are asked once or some hundred times: a program as large as they are computes nothing in vain.
  const int64_t images = std::max(x.shape()[0], images_);
  const int64_t batch = std::min(options_.batch, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(images))));
  const auto compiled = [&]() -> CompiledPrograms::Entry {
    CompiledPrograms::Entry entry;
    const Graph asked = with_objective(graph_, pass.objective);
    Request request = request_for(Purpose::explain, options_);
    request.batch = batch;
    request.objective = sum_of(pass.objective);
    request.gradients = pass.gradients;
    request.taps = pass.values;
    if (pass.ruling) {
      request.rules = pass.ruling->rules;
      request.folded = pass.ruling->folded;
      request.reference = pass.ruling->reference;
      const Computation task = make_computation(asked, request, true);
      entry.notes = task.notes;
      entry.second_input = task.graph.find(kBaseline).has_value();  // of a linear network they compare nothing
    }
    entry.program = compile(asked, weights_, request);
    return entry;
  };
  CompiledPrograms::Entry& made = programs_->at({.use = Use::pass,
                                                 .objective = pass.objective,
                                                 .gradients = pass.gradients,
                                                 .values = pass.values,
                                                 .ruling = pass.ruling ? pass.ruling->name : "",
                                                 .batch = batch},
                                                compiled);
  Program& program = *made.program;
  const int64_t columns = program.logits().shape()[1];
  for (const int64_t target : targets) require_target(target, columns, pass.objective);

  Passed passed{{}, {}, {}, Tensor({x.shape()[0], columns})};
  const auto keep = [&](Tensor& all, const Tensor& some, int64_t first, int64_t count) {
    if (all.size() == 0) all = Tensor(some.shape().with_batch(x.shape()[0]));
    std::copy_n(some.data(), count * some.shape().inner(), all.data() + first * some.shape().inner());
  };
  std::vector<Feed> feeds{{kPixels, x}};
  if (pass.ruling && pass.ruling->reference) {
    require(baseline.shape() == x.shape(), "a baseline {} for images {}", baseline.shape(), x.shape());
    if (made.second_input) feeds.push_back({kBaseline, baseline});
  }
  in_batches(program, batch, feeds, targets, [&](int64_t first, int64_t count) {
    done_.backward += count;
    for (const Names* names : std::initializer_list<const Names*>{&pass.gradients, &made.notes})
      for (const std::string& name : *names) keep(passed.gradients[name], program.gradient(name), first, count);
    for (const std::string& name : pass.values) keep(passed.values[name], program.tap(name), first, count);
    keep(passed.table, program.logits(), first, count);
  });
  passed.value = values(passed.table, pass.objective, targets);
  return passed;
}

Tensor NetworkSubject::table_from(const std::string& node, const Tensor& values, const Tensor& x, const Objective& objective) {
  const auto compiled = [&]() -> CompiledPrograms::Entry {
    const Graph rest = from_node(with_objective(graph_, objective), node);
    return {.program = compile(rest, weights_, request_for(Purpose::predict, options_)),
            .second_input = prune(rest, {rest.name(rest.output)}).find(kPixels).has_value()};
  };
  CompiledPrograms::Entry& made =
      programs_->at({.use = Use::from_node, .objective = objective, .values = {node}, .batch = options_.batch}, compiled);
  Program& program = *made.program;
  const int64_t columns = program.logits().shape()[1];
  Tensor all(Shape{values.shape()[0], columns});
  std::vector<Feed> feeds{{node, values}};
  if (made.second_input) feeds.push_back({kPixels, x});
  in_batches(program, options_.batch, feeds, {},
             [&](int64_t first, int64_t count) { std::copy_n(program.logits().data(), count * columns, all.data() + first * columns); });
  return all;
}

}  // namespace convscope
