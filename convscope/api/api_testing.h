#pragma once

/** A small network and pictures for the tests of the front door; not installed. */

#include "convscope/api/pictures.h"
#include "convscope/base/base_testing.h"
#include "convscope/base/random.h"
#include "convscope/data/images8.h"
#include "convscope/models/model.h"

namespace convscope {

/** Random grey 28×28 pictures of seven classes; of every sixth the class is not what the network says, of all others it is. */
struct SmallWorld {
  static constexpr int64_t kCount = 30;

  explicit SmallWorld(const std::string& model = "medium")
      : network(open_or_make_network(model, {.task = {.image = "1,28,28", .classes = 7}}, 1)) {
    network.classes = {"a", "b", "c", "d", "e", "f", "g"};
    network.trained_on = "nowhere";
    std::vector<uint8_t> levels(static_cast<size_t>(kCount * 28 * 28));
    const RandomStream random(6, "attacked pictures");
    for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(random.below(256, i));
    const Shape shape{kCount, 1, 28, 28};
    const Pictures unlabelled(std::make_shared<Images8>(shape, levels, std::vector<int32_t>(kCount), network.classes), "noise");
    NetworkSubject subject = subject_of(network, {});
    std::vector<int32_t> labels;
    for (const int64_t y : predicted(subject, unlabelled.pixels()))
      labels.push_back(static_cast<int32_t>(labels.size() % 6 == 5 ? (y + 1) % 7 : y));
    data = std::make_shared<Images8>(shape, levels, labels, network.classes);
  }

  Pictures pictures() const { return {data, "noise, test"}; }

  Network network;
  std::shared_ptr<const Dataset> data;
};

}  // namespace convscope
