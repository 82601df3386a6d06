#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/fields.h"

namespace convscope {

/** Places of a network where samples are dropped, as they were and as they are now. */
struct Conversion {
  struct Place {
    std::string node, was, now;
    int64_t rate = 2;
    std::vector<int64_t> rows_columns = {};
    int64_t macs_before = 0, macs_after = 0;

    void fields(auto&& field) {
      field("node", node, "the node that dropped samples");
      field("was", was, "what it was");
      field("now", now, "what stands there now; `kept` where it stayed");
      field("rate", rate, "every rate-th row and column stays");
      field("rows_columns", rows_columns, "of what comes out");
      field("macs_before", macs_before, "multiply-adds of an image there before");
      field("macs_after", macs_after, "and now, filter included");
    }
  };
  std::string network, file, downsample, stem;
  std::vector<Place> places;
  int64_t parameters = 0, macs_before = 0, macs_after = 0;
  std::vector<std::string> remarks;

  /** macs_after / macs_before − 1. */
  double added() const { return macs_before > 0 ? static_cast<double>(macs_after) / static_cast<double>(macs_before) - 1 : 0; }

  void fields(auto&& field) {
    field("network", network, "what was changed");
    field("file", file, "checkpoint that was written");
    field("downsample", downsample, "what stands where samples are dropped");
    field("stem", stem, "what was done at the first convolution: keep or change");
    field("places", places, "each place that drops samples");
    field("parameters", parameters, "numbers in the trained parameters, which are the same as before");
    field("macs_before", macs_before, "multiply-adds of an image, of the whole network");
    field("macs_after", macs_after, "and now");
    field("remarks", remarks, "what a person should know, a sentence each");
  }
};

}  // namespace convscope
