#pragma once

#include "convscope/data/source.h"

namespace convscope {

/** One direction of an oscillation. */
struct Wave {
  double frequency = 0;  // π radians a sample: 1 alternates from sample to sample
  double phase = 0;      // radians
};

/** out [rows, columns] = cos(π f_x a + φ_x) cos(π f_y b + φ_y) at column a, row b. */
void oscillation(const Wave& x, const Wave& y, int64_t rows, int64_t columns, std::span<float> out);

/**
 * The aliasing study's toy task: which of n frequencies an image has along its rows, and which along its columns.
 *
 *   I[b, a] = cos(π f_x a + φ_x) cos(π f_y b + φ_y) + A (U[b, a] − ½)      [1, 32, 32], A the noise, U uniform in [0, 1)
 *   f = i / n, i = 0 … n − 1; class i_x n + i_y of n²; phases uniform in [0, 2π)
 *   pixel = ½ + I / (2 + A), which lies in [0, 1]: `--normalize 0.5/S` with S = 1 / (2 + A) gives a network I itself
 *
 * At least 20,000 training and 10,000 test images, as many of each class, in random order. They are made when they are asked for, not read;
 * phases and noise belong to the image's number, so that it is the same in each epoch. Goals: the study's distribution, the same numbers on
 * every run. Non-goal: the study's very images, which hang on NumPy's generator.
 *
 * The study's test images are those on which it picked its best epoch (test=validation). test=fresh has others.
 */
class Oscillations : public DataSource {
 public:
  static constexpr const char* kName = "oscillations";
  struct Options {
    int64_t n_freq = 20;
    double noise = 1;
    int64_t seed = 1;
    std::string test = "validation";
    void fields(auto&& field) {
      field("n_freq", n_freq, "frequencies in each direction; their square is the count of classes");
      field("noise", noise, "width of the uniform noise; the study has 1, 2, 4 and 8");
      field("seed", seed, "of labels, phases and noise");
      field("test", test, "test images; validation: those of the study, which also chose its best epoch on them; fresh: none seen before");
    }
  };
  explicit Oscillations(Options options);

  std::string name() const override { return kName; }
  bool generated() const override { return true; }
  std::vector<DataFile> files(Split) const override { return {}; }
  std::vector<int64_t> per_class(Split split) const override;
  std::string how_to_get(const Path& root) const override;
  std::shared_ptr<const Dataset> load(Split split, const Path& folder) const override;

 private:
  Options options_;
};

}  // namespace convscope
