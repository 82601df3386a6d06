#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "convscope/subject/network_subject.h"

namespace convscope {

namespace {

/** The stage and the rest of "layer3.0.conv2". */
struct Place {
  int64_t stage = 0;
  std::string_view in_block;
};
std::optional<Place> place_in_stages(std::string_view node) {
  constexpr std::string_view kStage = "layer", kFirstBlock = ".0.";
  if (!node.starts_with(kStage)) return std::nullopt;
  node.remove_prefix(kStage.size());
  Place place;
  const auto [end, error] = std::from_chars(node.data(), node.data() + node.size(), place.stage);
  node.remove_prefix(static_cast<size_t>(end - node.data()));
  if (error != std::errc() || !node.starts_with(kFirstBlock)) return std::nullopt;
  place.in_block = node.substr(kFirstBlock.size());
  return place;
}

/** Labels of a residual network's nodes as the aliasing study's figures have them; nothing for a node that no such network has. */
std::optional<std::string> published_label(std::string_view node) {
  if (node == "conv1") return "0";
  if (node == "maxpool") return "m";
  const auto place = place_in_stages(node);
  if (!place || place->stage < 2) return std::nullopt;
  if (place->in_block.starts_with("conv")) return std::to_string(place->stage - 1);
  if (place->in_block.starts_with("downsample.")) return "*" + std::to_string(place->stage - 1);
  return std::nullopt;
}

/** Published labels where every node has one and no two the same; names otherwise. */
void label(std::vector<Signal>& signals) {
  std::set<std::string> labels;
  for (Signal& s : signals) labels.insert(s.label = published_label(s.node).value_or(""));
  if (labels.size() == signals.size() && !labels.contains("")) return;
  for (Signal& s : signals) s.label = s.node;
}

}  // namespace

std::vector<Signal> NetworkSubject::signals() const {
  std::vector<Signal> all;
  for (const Subsampling& s : subsamplings(graph_)) {
    const Graph dense = graph_.find(s.signal) ? graph_ : expose_stride_one(graph_, s.node);
    const Shape& shape = dense.shape(dense.at(s.signal));
    require(shape.rank() == 4, "node '{}' drops samples of {}; [N, C, H, W] was wanted", s.node, shape);
    all.push_back({s.node, s.node, Shape(shape.extents().subspan(1)), s.rate});
  }
  label(all);
  return all;
}

Program& NetworkSubject::signalling() {
  const auto made = [&]() -> CompiledPrograms::Entry {
    Request request;
    request.precision = options_.precision;
    request.engine = options_.engine;
    request.batch = options_.batch;
    for (const Subsampling& s : subsamplings(graph_)) request.taps.insert(s.signal);
    require(!request.taps.empty(), "the network drops samples nowhere: no convolution or pool in it has a stride");
    return {compile(graph_, weights_, request)};
  };
  return *programs_->at({.use = CompiledPrograms::Key::Use::signals, .batch = options_.batch}, made).program;
}

void NetworkSubject::stream_signals(int64_t count, const Fill& fill, const TakeSignals& take) {
  Program& program = signalling();
  Tensor& pixels = program.input(kPixels);
  std::vector<const Tensor*> taps;
  for (const Subsampling& s : subsamplings(graph_)) taps.push_back(&program.tap(s.signal));
  for (int64_t first = 0; first < count; first += options_.batch) {
    const int64_t some = std::min(options_.batch, count - first);
    fill(first, pixels.span().first(static_cast<size_t>(some * pixels.shape().inner())));
    program.run({});
    done_.forward += some;
    take(first, some, program.logits(), taps);
  }
}

}  // namespace convscope
