#pragma once

#include <array>
#include <span>

#include "convscope/results/provenance.h"

namespace convscope {

/** A mean over images, and where it may lie. */
struct MeanOfImages {
  double value = kUnknown;
  std::array<double, 2> interval_95 = {kUnknown, kUnknown};
};

/**
 * Of one number for each image: mean ± t deviation / √n, cut to [0, 1] where these are shares. Where all are 0 or 1 it is Wilson's interval
 * of their share.
 */
MeanOfImages mean_of_images(std::span<const double> values);

/** How often a network's answer stays when its pictures move; shares of images but for the changes of confidence. */
struct Consistency {
  struct OfClass {
    std::string name;
    int64_t images = 0;
    double crop = kUnknown, circular = kUnknown, worst = kUnknown, worst_accuracy = kUnknown;

    void fields(auto&& field) {
      field("name", name, "class that the images are of");
      field("images", images, "how many");
      field("crop", crop, "as that of all");
      field("circular", circular, "as that of all");
      field("worst", worst, "as that of all");
      field("worst_accuracy", worst_accuracy, "as that of all");
    }
  };
  int64_t images = 0, shift = 0, step = 1, draws = 0;
  double crop = kUnknown, circular = kUnknown, worst = kUnknown, half_pixel = kUnknown;
  std::array<double, 2> crop_interval_95{}, circular_interval_95{}, worst_interval_95{}, half_pixel_interval_95{};
  double crop_deviation = kUnknown;
  double accuracy = kUnknown, shifted_accuracy = kUnknown, worst_accuracy = kUnknown;
  std::array<double, 2> worst_accuracy_interval_95{};
  double confidence_change = kUnknown, half_pixel_confidence_change = kUnknown;
  std::array<double, 2> confidence_change_interval_95{};
  std::vector<OfClass> classes;
  std::vector<std::vector<double>> by_shift;

  void fields(auto&& field) {
    field("images", images, "how many pictures were moved");
    field("shift", shift, "pixels that they moved by at most, up and down, left and right");
    field("step", step, "every so many of these shifts were tried");
    field("draws", draws, "pairs of crops of each picture");
    field("crop", crop,
          "two crops at random places of the picture, which its reflection surrounds, get the same class; Zhang 2019. Mean over `draws` "
          "pairs");
    field("crop_interval_95", crop_interval_95, "[low, high], over images");
    field("crop_deviation", crop_deviation, "standard deviation from draw to draw");
    field("circular", circular, "moved in a circle it gets the class that it gets unmoved; Chaman and Dokmanić 2021. Mean over all shifts");
    field("circular_interval_95", circular_interval_95, "[low, high], over images");
    field("worst", worst, "it gets the same class at every one of these shifts");
    field("worst_interval_95", worst_interval_95, "[low, high], Wilson's");
    field("half_pixel", half_pixel, "moved by half a pixel down, right or both, by the phases of its Fourier series, it keeps its class");
    field("half_pixel_interval_95", half_pixel_interval_95, "[low, high], over images");
    field("accuracy", accuracy, "right as they are");
    field("shifted_accuracy", shifted_accuracy, "right, mean over all circular shifts");
    field("worst_accuracy", worst_accuracy, "right at every circular shift");
    field("worst_accuracy_interval_95", worst_accuracy_interval_95, "[low, high], Wilson's");
    field("confidence_change", confidence_change,
          "mean |p(shifted) − p(as it is)| of the class that it is taken for, over the circular shifts");
    field("confidence_change_interval_95", confidence_change_interval_95, "[low, high], over images");
    field("half_pixel_confidence_change", half_pixel_confidence_change, "likewise for half a pixel");
    field("classes", classes, "the same class by class");
    field("by_shift", by_shift,
          "share that keeps its class, a row for each shift down and in it a number for each shift right, both from −shift on in steps of "
          "shift_step");
  }
};

/** What `eval --shifts` leaves. */
struct ConsistencyRecord : Provenance {
  Consistency consistency;

  void fields(auto&& field) {
    Provenance::fields(field);
    field("consistency", consistency, "how often the answer stays when pictures move");
  }
};

}  // namespace convscope
