#pragma once

#include "convscope/results/inspection.h"
#include "convscope/results/provenance.h"
#include "convscope/results/result.h"

namespace convscope {

/** One filter as it is drawn: its least weight black, its largest white. */
struct FilterRange {
  int64_t filter = 0;
  double low = 0, high = 0;

  void fields(auto&& field) {
    field("filter", filter, "its number in the layer");
    field("low", low, "least weight, drawn as 0 of each colour");
    field("high", high, "largest weight, drawn as 1");
  }
};

/** Filters of a layer as pictures. */
struct WeightsRecord : Provenance {
  static constexpr std::string_view kKind = "weights";

  std::string node;
  std::string parameter;
  std::string about;
  std::vector<int64_t> shape;
  bool colour = false;
  int64_t channels = 0;
  std::string tiles;
  int64_t columns = 1;
  std::vector<FilterRange> filters;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("node", node, "the layer that is shown");
    field("parameter", parameter, "its weights' name");
    field("about", about, "which of the network's layers it is");
    field("shape", shape, "of the weights, [K, C, R, S]");
    field("colour", colour, "whether a filter is one picture in red, green and blue; else a grey one for each channel");
    field("channels", channels, "channels shown of each filter");
    field("tiles", tiles, "PNG of the pictures, a weight a pixel: filters in rows of `columns`, or a row for each filter");
    field("columns", columns, "pictures in a row of it");
    field("filters", filters, "one for each filter that is shown");
  }
  void check(std::string_view whose) const;
};

}  // namespace convscope
