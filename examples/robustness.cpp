// How many pictures a network still names right when each pixel may change by ε: PGD, and its robustness curve.
#include <cstdio>

#include "convscope/api/attack.h"

int main(int count, char** words) {
  using namespace convscope;
  if (count != 4) {
    std::fprintf(stderr, "usage: robustness NETWORK DATA FOLDER\n");
    return 2;
  }
  try {
    const Network network = open_network(words[1]);
    constexpr int64_t kCount = 100;
    const Pictures pictures = choose_pictures({.data = words[2]}, network, {}, kCount);
    const std::vector<double> epsilons{0, 1.0 / 255, 2.0 / 255, 4.0 / 255, 8.0 / 255};
    const Attacked found = attack(network, parse_choice("pgd,steps=10"), pictures, {.epsilon = epsilons}, words[3]);

    for (const AttackPoint& point : found.record.curve)
      fmt::print("within {:.4f}: {:5.1f} % right ({:.1f} to {:.1f})\n", point.epsilon, 100 * point.accuracy,
                 100 * point.accuracy_interval_95[0], 100 * point.accuracy_interval_95[1]);
    fmt::print("curve and pictures: {}\n", attack_folder(words[3], found.record).string());
  } catch (const Error& e) {
    std::fprintf(stderr, "robustness: %s\n", e.what());
    return 1;
  }
}
