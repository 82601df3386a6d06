#pragma once

/** How good a map is, by numbers that stand beside those of maps that know nothing. */

#include <array>
#include <span>
#include <string>
#include <vector>

#include "convscope/results/result.h"

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
    field("memory", memory, "bytes at most that all images together took, beside what was in memory before: programs, batches and maps");
  }
};

/** What of a metric is judged. */
enum class Judged {
  against_controls,  // whether it beats all three
  by_weights,        // likeness to maps of networks whose weights are drawn anew: whether it is well below 1
  not_at_all,        // it describes a map
};

/** Values of the images, one for each, of a method and of its three controls in the order of `MapControls`. */
struct MeasuredMaps {
  std::vector<double> method;
  std::array<std::vector<double>, 3> controls;
};

/**
 * Means, interval and verdict. Better than a control is a method whose images are better by more than two standard errors of the paired
 * difference. What is like a map of drawn weights by ½ or more, or may be within two standard errors, hardly depends on the weights.
 */
MapQuality judged(MapQuality told, const MeasuredMaps& measured, Judged rule);

/** "better than all controls (deletion, insertion); no better than the centre (ROAD)", of all that are judged. */
std::string quality_text(std::span<const MapQuality> quality);

/** "0.123", "12.3": as tables have it; "–" where it is not known. */
std::string quality_number(double value);

}  // namespace convscope
