// Which pixels speak for what a network sees in a picture: gradient × input.
#include "convscope/api/explain.h"

#include <cstdio>

int main(int count, char** words) {
  using namespace convscope;
  if (count != 4) {
    std::fprintf(stderr, "usage: explain NETWORK PICTURE FOLDER\n");
    return 2;
  }
  try {
    const Network network = open_network(words[1]);  // a run folder, .safetensors or .onnx
    const Pictures picture = choose_pictures({.image = words[2]}, network);
    const Explanation found = explain(network, {"gradient-x-input"}, picture, {.of = "softmax"}, words[3]);

    const AttributionMap& map = found.record.maps.front();
    double sum = 0;
    for (const float share : found.maps.row(0)) sum += share;  // [C, H, W]
    fmt::print("{}: {}, {:.1f} % sure; the map adds up to {:.4f}\n", words[2], map.name, 100 * map.confidence, sum);
    fmt::print("pictures: {}\n", attribution_folder(words[3], found.record).string());
  } catch (const Error& e) {
    std::fprintf(stderr, "explain: %s\n", e.what());
    return 1;
  }
}
