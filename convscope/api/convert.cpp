#include "convscope/api/convert.h"

#include "convscope/base/split.h"
#include "convscope/models/downsampled.h"
#include "convscope/nn/downsampling.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr std::string_view kOption = "downsample=";

/** "resnet20,downsample=blur:4": what it was, and what it is now. */
std::string name_with(const Network& network, const std::string& downsample) {
  std::string name;
  const std::string whole = network.name.empty() ? network.file.stem().string() : network.name;
  for (const std::string_view part : split(whole, ','))
    if (!part.starts_with(kOption)) name += (name.empty() ? "" : ",") + std::string(part);
  return fmt::format("{},{}{}", name, kOption, downsample);
}

Downsampled changed(const Network& network, const std::string& downsample, const std::string& stem) {
  try {
    return with_downsampling(network.graph, downsample, stem);
  } catch (const Error& e) {
    fail("{}: {}", network.file.empty() ? network.name : network.file.string(), e.what());
  }
}

Network with_graph(Network network, Graph graph, const std::string& downsample) {
  network.name = name_with(network, downsample);
  network.graph = std::move(graph);
  network.file.clear();  // it is not that one any more
  network.sha256.clear();
  network.run.clear();
  return network;
}

}  // namespace

void check_conversion(const ConvertOptions& o) {
  require_use(!o.downsample.empty(), "`downsample` is missing: what is to stand where samples are dropped, such as blur:4");
  (void)downsampling_named(o.downsample);
  require_use(o.stem == "auto" || o.stem == "keep" || o.stem == "change", "`stem` '{}': auto, keep or change was wanted", o.stem);
  require_use(!o.out.empty(), "`out` is missing: a .safetensors file for the changed network");
  require_use(o.out.ends_with(".safetensors"), "`out` '{}': a .safetensors file was wanted", o.out);
}

Network converted(Network network, const std::string& downsample, const std::string& stem) {
  Downsampled done = changed(network, downsample, stem);
  return with_graph(std::move(network), std::move(done.graph), downsample);
}

Conversion convert_network(const Network& network, const ConvertOptions& o) {
  check_conversion(o);
  require_replaceable(o.out, network.file);
  Downsampled done = changed(network, o.downsample, o.stem);
  Conversion told{.network = network.name,
                  .file = o.out,
                  .downsample = o.downsample,
                  .stem = done.stem,
                  .places = done.places,
                  .parameters = parameter_count(network.graph),
                  .macs_before = macs(network.graph),
                  .macs_after = macs(done.graph),
                  .remarks = done.remarks};
  const Network made = with_graph(network, std::move(done.graph), o.downsample);
  Json notes = json_object();
  if (!made.trained_on.empty()) notes["data"] = made.trained_on;
  if (made.training) notes["trained_on"] = fields_to_json(*made.training);
  notes["converted"] = {{"from", network.name}, {"sha256", network.sha256}, {"downsample", o.downsample}, {"stem", told.stem}};
  save_checkpoint(o.out, {made.graph, made.classes, made.name, std::move(notes), made.tensors, {}});
  return told;
}

}  // namespace convscope
