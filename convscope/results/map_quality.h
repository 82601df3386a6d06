#pragma once

/** How good a map is, by numbers that stand beside those of maps that know nothing. */

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "convscope/results/result.h"
#include "convscope/results/spread.h"

namespace convscope {

/** The number that each control has: maps made without knowledge of the network. */
struct MapControls {
  double random = kUnknown;
  double centre = kUnknown;
  double random_network = kUnknown;

  void fields(auto&& field) {
    field("random", random, "of noise");
    field("centre", centre, "of a Gaussian in the middle of the picture, the same for all pictures");
    field("random_network", random_network, "of the same method on a network of this kind whose weights are drawn at random");
  }
};

/** One number of quality, the mean over the images. */
struct MapQuality {
  std::string metric;
  std::string about;
  std::string better;
  double value = kUnknown;
  std::vector<double> interval;
  MapControls controls;
  std::vector<double> curve;
  std::optional<MapControls> curve_ends;
  std::string verdict;
  int64_t passes = 0;
  double seconds = 0;

  void fields(auto&& field) {
    field("metric", metric, "its name");
    field("about", about, "what it measures");
    field("better", better, "lower or higher");
    field("value", value, "mean over the images");
    field("interval", interval, "95 % interval of that mean, [low, high]; empty of one image");
    field("controls", controls, "the same of maps that know nothing of the network");
    field(
        "curve", curve,
        "model-randomisation: the same number, first with the last layer drawn anew, then with ever more, at the end with all; `value` is "
        "its mean; empty of others");
    field("curve_ends", curve_ends, "where the curves of the controls end");
    field("verdict", verdict, "what follows: whether the method is better than its controls; empty where that is not asked");
    field("passes", passes, "pictures that went through a network for it, those of the controls too");
    field("seconds", seconds, "that it took");
  }
};

/** What maps cost, the mean of an image. */
struct MapCost {
  double forward = 0, backward = 0, seconds = 0, memory = kUnknown;

  void fields(auto&& field) {
    field("forward", forward, "pictures through the network");
    field("backward", backward, "pictures for which it was differentiated");
    field("seconds", seconds, "that it took");
    field("memory", memory,
          "bytes at most that all images together took, beside what was in memory before: programs, batches and maps; null where programs "
          "of an earlier question served, and of several ranks");
  }
};

/** What of a metric is judged. */
enum class Judged {
  against_controls,  // whether it beats all three
  by_weights,        // likeness to maps of networks whose weights are drawn anew: how low it ends
  not_at_all,        // it describes a map
};

/** Values of the images, one for each, of a method and of its three controls in the order of `MapControls`. */
struct MeasuredMaps {
  std::vector<double> method;
  std::array<std::vector<double>, 3> controls;
  std::array<std::vector<std::vector<double>>, 4> curves =
      {};  // [S][N] of the method and of the controls, of a number that is a mean over states
};

/**
 * Means, interval and verdict. Better than a control is a method whose images are better by more than two standard errors of the paired
 * difference. Of likeness to maps of drawn weights the last state counts, where all of them are: what is below 0.2 by more than two
 * standard errors changes with the weights, what is not below 0.5 by as much hardly does, what is between does partly; the ends of noise
 * and of the random network, whose weights are drawn twice, are told beside it. Images of which a number is not defined (NaN) are
 * left out and counted. The interval is Student's, within what the mean can be.
 */
MapQuality judged(MapQuality told, const MeasuredMaps& measured, Judged rule, Bounds bounds = {});

/** "better than all controls (deletion, insertion); no better than the centre (ROAD)", of all that are judged. */
std::string quality_text(std::span<const MapQuality> quality);

/** "ends at 0.271 with all layers drawn anew; of noise at 0.003, of a random network at 0.380"; empty where there is no curve. */
std::string curve_text(const MapQuality& quality);

/** "0.123", "12.3": as tables have it; "–" where it is not known. */
std::string quality_number(double value);

}  // namespace convscope
