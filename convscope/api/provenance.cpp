#include "convscope/api/provenance.h"

#include "convscope/base/machine.h"
#include "convscope/base/version.h"
#include "convscope/graph/ops/affine.h"
#include "convscope/train/normalization.h"

namespace convscope {

namespace {

/** What the pixels go through before anything else; none where no such node reads them. */
std::string preprocessing_of(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (const auto* op = as<NormalizeOp>(*node.op); op && node.inputs.front().node == graph.at(kPixels).node)
      return name_of(Normalization{op->get().mean, op->get().std});
  return "none";
}

}  // namespace

NetworkOrigin network_origin(const Network& network) {
  return {network.name, network.file.string(), network.sha256, preprocessing_of(network.graph), parameter_count(network.graph)};
}

Provenance provenance_of(Json options, const Setting& setting) {
  options["precision"] = name_of(setting.execution.precision);
  options["engine"] = origin(setting.execution.engine);
  return {{}, {}, std::move(options), static_cast<int64_t>(setting.seed), std::string(version()), machine().processor};
}

Provenance provenance_of(const Network& network, Json options, const Setting& setting) {
  Provenance all = provenance_of(std::move(options), setting);
  all.network = network_origin(network);
  return all;
}

Provenance provenance_of(const Network& network, const Pictures& pictures, Json options, const Setting& setting) {
  Provenance all = provenance_of(network, std::move(options), setting);
  all.data = pictures.where();
  return all;
}

}  // namespace convscope
