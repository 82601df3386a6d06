#pragma once

#include <array>
#include <string>
#include <vector>

#include "convscope/results/provenance.h"
#include "convscope/results/result.h"
#include "convscope/results/run_folder.h"

namespace convscope {

/** One network of the sweep over oscillations with noise. */
struct OscillationNetwork {
  std::string arch;
  std::string family;
  double noise = 1;
  int64_t parameters = 0;
  double published = kUnknown;
  int64_t epochs = 0;
  double accuracy = kUnknown;
  int64_t best_epoch = 0;
  double last_accuracy = kUnknown;
  double fresh_accuracy = kUnknown;
  std::array<double, 2> fresh_interval_95 = {0, 1};
  double seconds = 0;

  void fields(auto&& field) {
    field("arch", arch, "as the study calls it: resnet20_small_incr");
    field("family", family, "fc-1h, fc-2h, resnet-c (constant widths), resnet-w (widths that grow) or resnet-d (depths)");
    field("noise", noise, "width of the uniform noise");
    field("parameters", parameters, "trained ones");
    field("published", published, "share of right answers as published: of the best epoch, chosen on the same images");
    field("epochs", epochs, "of our training; 0: not trained yet");
    field("accuracy", accuracy, "ours, measured as published");
    field("best_epoch", best_epoch, "the epoch of that");
    field("last_accuracy", last_accuracy, "after the last epoch, on the same images");
    field("fresh_accuracy", fresh_accuracy, "of the best epoch's network on images that nothing was chosen on");
    field("fresh_interval_95", fresh_interval_95, "[low, high], Wilson's interval of it");
    field("seconds", seconds, "that the training took");
  }
  void check(std::string_view whose) const;
};

/** Where the sweep stands: oscillations.json in the study's folder. */
struct OscillationsRecord : Provenance {
  int64_t frequencies = 20;
  std::string illustration;
  std::vector<OscillationNetwork> networks;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("frequencies", frequencies, "in each direction; their square is the count of classes");
    field("illustration", illustration, "[4, rows, columns]: images that cannot be told apart when every second row and column is dropped");
    field("networks", networks, "one for each network of the sweep");
  }
  void check(std::string_view whose) const;
};

}  // namespace convscope
