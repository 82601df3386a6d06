#include "convscope/models/downsampled.h"

#include <algorithm>
#include <numeric>

#include "convscope/graph/ops/affine.h"
#include "convscope/graph/ops/batch_norm.h"
#include "convscope/graph/ops/conv2d.h"
#include "convscope/graph/ops/downsample.h"
#include "convscope/graph/ops/leaf.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/polyphase.h"
#include "convscope/graph/ops/pool.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/graph/passes/rewrite.h"
#include "convscope/nn/downsampling.h"
#include "convscope/nn/one_of.h"

namespace convscope {

namespace {

/** Where the filter goes at a place. */
enum class Way { instead, first, behind, kept };

struct Place {
  Subsampling where;
  int node = -1;
  Way way = Way::behind;
  int end = -1;    // behind: the node whose result is filtered
  int group = -1;  // places of one group share a choice
};

/** The op with stride 1. */
std::shared_ptr<const Op> dense(const Op& op) {
  const auto without_stride = [](auto options) {
    options.stride = 1;
    return options;
  };
  if (const auto* conv = as<Conv2dOp>(op)) return std::make_shared<Conv2dOp>(without_stride(conv->get()));
  if (const auto* pool = as<MaxPoolOp>(op)) return std::make_shared<MaxPoolOp>(without_stride(pool->get()));
  return std::make_shared<AvgPoolOp>(without_stride(as<AvgPoolOp>(op)->get()));
}

/** Each number by itself, whatever the extents of the plane: it may stand before the filter or behind. */
bool is_norm(const Graph& graph, const Node& node) {
  if (const auto* norm = as<BatchNormOp>(*node.op)) return !norm->get().per_activation && !norm->get().residual;
  const auto* affine = as<AffineOp>(*node.op);
  return affine && !affine->get().residual && graph.shape(node.inputs[1]).rank() == 1;
}

bool is_activation(const Node& node) {
  constexpr std::string_view kOthers[] = {"prelu", "rrelu", "gelu", "softplus"};
  return dynamic_cast<const HasActivation*>(node.op.get()) ||
         std::find(std::begin(kOthers), std::end(kOthers), node.op->kind()) != std::end(kOthers);
}

bool acts_in_passing(const Node& node) {
  const auto* norm = as<BatchNormOp>(*node.op);
  const auto* affine = as<AffineOp>(*node.op);
  return (norm && norm->get().activation) || (affine && affine->get().activation);
}

bool is_parameter(const Node& node) { return as<ParameterOp>(*node.op) != nullptr; }

/** Walks over the network and does at each place what the plan says. */
class Change {
 public:
  Change(const Graph& from, const Downsampling& how, std::string name, bool stem)
      : from_(from), how_(how), name_(std::move(name)), stem_(stem), at_(from) {
    for (const Subsampling& where : subsamplings(from)) {
      const int node = from.at(where.node).node;
      places_.emplace(node, planned(where, node));
    }
    for (const auto& [node, place] : places_)
      if (place.way == Way::behind) ends_[place.end] = node;
    if (!how.circular()) return;
    group_places();
    for (const auto& [node, place] : places_) remark_on(place);
  }

  Downsampled run() && {
    for (int i = 0; i < static_cast<int>(from_.nodes().size()); ++i) {
      const size_t before = at_.to.nodes().size();
      const auto place = places_.find(i);
      if (place != places_.end()) {
        change(place->second);
      } else {
        keep(i);
      }
      note(i, before);
      const auto end = ends_.find(i);
      if (end == ends_.end()) continue;
      const size_t before_filter = at_.to.nodes().size();
      const Place& strided = places_.at(end->second);
      at_.put(i, filter(strided, at_({i, 0}), strided.where.node + "/downsample"));
      note(end->second, before_filter);
    }
    Downsampled done;
    for (const auto& [node, place] : places_) done.places.push_back(told(place));
    done.graph = std::move(at_).finish();
    done.stem = stem_ ? "change" : "keep";
    done.remarks = std::move(remarks_);
    return done;
  }

 private:
  const Node& node(int i) const { return from_.node(i); }

  bool is_stem(int i) const {
    for (int earlier = 0; earlier < i; ++earlier)
      if (as<Conv2dOp>(*node(earlier).op)) return false;
    return as<Conv2dOp>(*node(i).op) != nullptr;
  }

  /** Whether a filter on x gives the rows and columns that the op gives. */
  bool fits(const Node& n, int64_t rate, const std::shared_ptr<const Op>& behind) const {
    Shape x = from_.shape(n.inputs[0]);
    x[2] = kept_samples(x[2], rate);
    x[3] = kept_samples(x[3], rate);
    if (!behind) return x[2] == n.shapes[0][2] && x[3] == n.shapes[0][3];
    std::vector<Shape> in{x};
    for (size_t i = 1; i < n.inputs.size(); ++i) in.push_back(from_.shape(n.inputs[i]));
    try {
      return behind->shapes(in)[0] == n.shapes[0];
    } catch (const Error&) {
      return false;  // the window does not fit into what is left
    }
  }

  Place planned(const Subsampling& where, int i) const {
    const Node& n = node(i);
    require(!as<PolyphaseTakeOp>(*n.op), "'{}' samples adaptively already; change the network that it was made of", n.name);
    Place place{where, i, Way::behind, i};
    if (as<SubsampleOp>(*n.op) || as<DownsampleOp>(*n.op)) {
      place.way = as<DownsampleOp>(*n.op) || how_.filters() ? Way::instead : Way::kept;
    } else if (!how_.filters()) {
      place.way = Way::kept;
    } else if (const auto* conv = as<Conv2dOp>(*n.op)) {
      require(!conv->get().residual, "'{}' adds a residual in passing; change the network before it is made faster", n.name);
      const Shape& weight = from_.shape(n.inputs[1]);
      const bool point = weight[2] == 1 && weight[3] == 1 && conv->get().pad == 0;
      if (!stem_ && is_stem(i)) {
        place.way = Way::kept;
      } else if (point || (how_.first() && fits(n, where.rate, dense(*n.op)))) {
        place.way = Way::first;
      } else {
        place.end = end_of(i);
      }
    } else if (as<AvgPoolOp>(*n.op) || how_.first()) {
      if (!how_.circular() && fits(n, where.rate, nullptr)) place.way = Way::instead;
    }
    return place;
  }

  /** Where what moves in a circle keeps other samples than before. */
  void remark_on(const Place& place) {
    const Node& n = node(place.node);
    const Shape x = from_.shape(n.inputs[0]);
    const int64_t rate = place.where.rate;
    if (place.way == Way::kept)
      remarks_.push_back(fmt::format("'{}' keeps its stride of {}: what moves in a circle changes the answers", n.name, rate));
    else if (x[2] % rate != 0 || x[3] % rate != 0)
      remarks_.push_back(fmt::format("'{}' drops samples of {} × {}, which {} does not divide: what moves in a circle changes the answers",
                                     n.name, x[2], x[3], rate));
  }

  /** The activation that the convolution's result goes through, and nothing else reads on the way; the convolution where there is none. */
  int end_of(int conv) const {
    if (as<Conv2dOp>(*node(conv).op)->get().activation) return conv;
    for (int i = conv;;) {
      const auto reader = at_.only_reader({i, 0}, {});
      if (!reader || node(*reader).inputs[0] != Value{i, 0}) return conv;
      i = *reader;
      if (is_activation(node(i)) || acts_in_passing(node(i))) return i;
      if (!is_norm(from_, node(i))) return conv;
    }
  }

  /** Places whose results meet lie on one grid: what keeps samples for one must keep the same for the others. */
  void group_places() {
    std::map<int, int> parent;
    for (const auto& [i, place] : places_) parent[i] = i;
    const auto root = [&](int i) {
      while (parent[i] != i) i = parent[i];
      return i;
    };
    std::vector<int> grid(from_.nodes().size(), -1);  // of each node the place that its samples were kept by
    for (int i = 0; i < static_cast<int>(from_.nodes().size()); ++i) {
      int& mine = grid[static_cast<size_t>(i)];
      for (const Value v : node(i).inputs) {
        const int other = grid[static_cast<size_t>(v.node)];
        if (other < 0 || other == mine || is_parameter(node(v.node)) || node(v.node).shapes[0].rank() != 4) continue;
        const bool alike =
            mine >= 0 && node(other).shapes[0][2] == node(mine).shapes[0][2] && node(other).shapes[0][3] == node(mine).shapes[0][3];
        if (alike) parent[root(other)] = root(mine);
        mine = other;
      }
      if (places_.contains(i) && places_.at(i).way != Way::kept) mine = i;
      if (as<ResampleOp>(*node(i).op)) mine = -1;
    }
    for (auto& [i, place] : places_) place.group = root(i);
  }

  Value filter(const Place& place, Value x, const std::string& name) {
    std::optional<Value> none;
    return how_.add(at_.to, at_.to.free_name(name), x, place.where.rate, place.group < 0 ? none : choices_[place.group]);
  }

  void change(const Place& place) {
    const Node& n = node(place.node);
    std::vector<Value> inputs = at_(n.inputs);
    switch (place.way) {
      case Way::kept:
        return keep(place.node);
      case Way::instead:
        return at_.put(place.node, filter(place, inputs[0], n.name));
      case Way::first: {
        // A block and its shortcut may both begin with the same filter of the same values.
        auto& filtered = first_[{n.inputs[0], place.where.rate}];
        if (!filtered) filtered = filter(place, inputs[0], n.name + "/downsample");
        inputs[0] = *filtered;
        break;
      }
      case Way::behind:
        break;
    }
    add(place.node, dense(*n.op), std::move(inputs), place.way == Way::behind);
  }

  void keep(int i) { add(i, node(i).op, at_(node(i).inputs), false); }

  /** The node with that op, its padding going round where the sampling wants it. */
  void add(int i, std::shared_ptr<const Op> op, std::vector<Value> inputs, bool at_a_place) {
    if (how_.circular()) go_round(i, op, inputs, at_a_place);
    at_.put(i, at_.to.add(node(i).name, std::move(op), std::move(inputs)));
  }

  void go_round(int i, std::shared_ptr<const Op>& op, std::vector<Value>& inputs, bool at_a_place) {
    const Node& n = node(i);
    const auto padded = [&](const auto& options, int64_t rows, int64_t columns, auto make) {
      // A dense window gives as many rows as there are where rows − 1 of padding go round; a pool without padding has none to begin with.
      const bool whole = 2 * options.pad == rows - 1 && 2 * options.pad == columns - 1;
      const bool pool_of_a_place = at_a_place && !as<Conv2dOp>(*n.op) && fits(n, places_.at(i).where.rate, nullptr);
      if (!whole && !pool_of_a_place && rows * columns > 1)
        remarks_.push_back(fmt::format("{} '{}' sees less than the whole plane from its edge: what moves in a circle changes its answers",
                                       n.op->kind(), n.name));
      if (options.pad == 0 && !pool_of_a_place) return;
      const int64_t p = options.pad, below = pool_of_a_place ? rows - 1 - p : p, right = pool_of_a_place ? columns - 1 - p : p;
      inputs[0] = wrapped(n.name, inputs[0], {.top = p, .bottom = below, .left = p, .right = right});
      auto bare = options;
      bare.pad = 0;
      op = make(bare);
    };
    if (const auto* conv = as<Conv2dOp>(*op)) {
      const Shape& weight = from_.shape(n.inputs[1]);
      const auto reach = [&](int64_t taps) { return conv->get().dilation * (taps - 1) + 1; };
      padded(Conv2dOptions(conv->get()), reach(weight[2]), reach(weight[3]),
             [](const Conv2dOptions& o) { return std::make_shared<Conv2dOp>(o); });
    } else if (const auto* max = as<MaxPoolOp>(*op)) {
      const MaxPoolOptions o = max->get();
      padded(o, o.kernel, o.kernel_columns > 0 ? o.kernel_columns : o.kernel,
             [](const MaxPoolOptions& b) { return std::make_shared<MaxPoolOp>(b); });
    } else if (const auto* mean = as<AvgPoolOp>(*op)) {
      const AvgPoolOptions o = mean->get();
      const Shape& x = from_.shape(n.inputs[0]);
      if (o.kernel == x[2] && o.kernel == x[3]) return;  // of the whole plane
      padded(o, o.kernel, o.kernel, [](const AvgPoolOptions& b) { return std::make_shared<AvgPoolOp>(b); });
    } else if (const auto* pad = as<PadOp>(*op)) {
      const PadOptions o = pad->get();
      const Shape& x = at_.to.shape(inputs[0]);
      op = round(x, o);
    } else if (as<FlattenOp>(*op)) {
      const Shape& x = at_.to.shape(inputs[0]);
      if (x[2] * x[3] > 1) remarks_.push_back(fmt::format("'{}' tells places apart: what moves in a circle changes the answers", n.name));
    }
  }

  static std::shared_ptr<const Op> round(const Shape& x, const PadOptions& by) {
    const auto places = [](int64_t extent, int64_t before, int64_t behind) {
      std::vector<int64_t> all;
      for (int64_t i = -before; i < extent + behind; ++i) all.push_back((i % extent + extent) % extent);
      return all;
    };
    return std::make_shared<ResampleOp>(
        ResampleOptions{.rows = places(x[2], by.top, by.bottom), .columns = places(x[3], by.left, by.right)});
  }
  Value wrapped(const std::string& name, Value x, const PadOptions& by) {
    return at_.to.add(at_.to.free_name(name + "/circular"), round(at_.to.shape(x), by), {x});
  }

  /** Multiply-adds of the nodes that were added since, for the place they belong to. */
  void note(int i, size_t since) {
    for (size_t k = since; k < at_.to.nodes().size(); ++k) macs_[i] += macs(at_.to, at_.to.node(static_cast<int>(k)));
  }

  Conversion::Place told(const Place& place) const {
    const Node& n = node(place.node);
    const std::string dense_kind = std::string(n.op->kind());
    std::string now = "kept";
    if (place.way == Way::instead) now = name_;
    if (place.way == Way::first) now = fmt::format("{}, {} of stride 1", name_, dense_kind);
    if (place.way == Way::behind)
      now = place.end == place.node ? fmt::format("{} of stride 1, {}", dense_kind, name_)
                                    : fmt::format("{} of stride 1, {} behind '{}'", dense_kind, name_, node(place.end).name);
    return {.node = n.name,
            .was = place.way == Way::instead && as<SubsampleOp>(*n.op) ? "subsample"
                                                                       : fmt::format("{} of stride {}", dense_kind, place.where.rate),
            .now = now,
            .rate = place.where.rate,
            .rows_columns = {n.shapes[0][2], n.shapes[0][3]},
            .macs_before = macs(from_, n),
            .macs_after = macs_.contains(place.node) ? macs_.at(place.node) : 0};
  }

  const Graph& from_;
  const Downsampling& how_;
  std::string name_;
  bool stem_;
  Rewrite at_;
  std::map<int, Place> places_;
  std::map<int, int> ends_;  // node whose result is filtered → its place
  std::map<std::pair<Value, int64_t>, std::optional<Value>> first_;
  std::map<int, std::optional<Value>> choices_;  // by group
  std::map<int, int64_t> macs_;
  std::vector<std::string> remarks_;
};

/** Max pools whose last window hangs over the edge, taken apart, so that a dense one sees what they saw. */
Graph without_overhang(Graph graph) {
  for (const Subsampling& where : subsamplings(graph)) {
    const auto* pool = as<MaxPoolOp>(*graph.node(graph.at(where.node)).op);
    if (pool && pool->get().ceil) graph = expose_stride_one(graph, where.node);
  }
  return graph;
}

}  // namespace

Downsampled with_downsampling(const Graph& network, std::string_view how, const std::string& stem) {
  const std::unique_ptr<Downsampling> member = downsampling_named(how);
  require_one_of("downsample", "stem", stem, {"auto", "keep", "change"});
  const Graph from = without_overhang(network);
  const bool changed_stem = stem == "auto" ? member->stem() : stem == "change";
  Downsampled done = Change(from, *member, std::string(how), changed_stem).run();
  require(!done.places.empty(), "it drops no samples: there is no convolution or pool with a stride to change");
  const Shape before = network.shape(network.output), after = done.graph.shape(done.graph.output);
  require(before == after, "with {} its answer is {} and not {}", how, after, before);
  return done;
}

}  // namespace convscope
