#include "convscope/report/aliasing/layer_shares.h"

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/results/aliasing_numbers.h"
#include "convscope/results/inspection.h"

namespace convscope {

namespace {

std::vector<double> by_category(const AliasingShares& shares) {
  std::vector<double> all;
  for (const AliasingCategory& c : kAliasingCategories) all.push_back(shares.*c.share);
  return all;
}

AliasingShares mean_of_layers(std::span<const LayerShares> layers) {
  std::vector<AliasingShares> all;
  for (const LayerShares& layer : layers) all.push_back(layer.shares);
  return mean_shares(all);
}

}  // namespace

Division division_of(std::span<const LayerShares> layers) {
  Division division;
  for (const AliasingCategory& c : kAliasingCategories) division.parts.push_back({c.name, c.colour});
  for (const LayerShares& layer : layers) division.wholes.push_back({layer.label, by_category(layer.shares)});
  division.mean = by_category(mean_of_layers(layers));
  return division;
}

std::string layer_shares_csv(std::span<const LayerShares> layers) {
  std::string csv = "layer,non_aliased,aliased,tangled,no_pass\n";
  const auto line = [&](std::string_view name, const AliasingShares& shares) {
    csv += csv_cell(name);
    for (const double share : by_category(shares)) csv += fmt::format(",{:.6f}", share);
    csv += "\n";
  };
  for (const LayerShares& layer : layers) line(layer.label, layer.shares);
  line("mean", mean_of_layers(layers));
  return csv;
}

}  // namespace convscope
