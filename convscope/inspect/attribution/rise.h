#pragma once

#include "convscope/inspect/attribution/attribution.h"

namespace convscope {

/**
 * Randomised input sampling, Petsiuk et al. 2018: the target's number of pictures that are seen through random masks mₖ, which a pixel
 * gets from those masks that show it.
 *
 *   S = Σ (fₖ − f̄) mₖ / (N p)    fₖ = f(x ⊙ mₖ)
 *
 * Masks are `cells` × `cells` squares, each open with probability p, enlarged to one cell more than the picture, bilinear, and moved by
 * less than a cell. The paper's map is this one and f̄ at every pixel, up to the noise that f̄ brings: an order, and now a sign too. All
 * images see the same masks.
 */
class Rise : public Attribution {
 public:
  struct Options {
    int64_t masks = 2000;
    int64_t cells = 8;
    double open = 0.5;
    void fields(auto&& field) {
      field("masks", masks, "pictures that are asked about; 4000 to 8000 are usual for photos");
      field("cells", cells, "squares of a mask in each direction");
      field("open", open, "share of them that is open");
    }
  };
  explicit Rise(Options options);
  bool has_sign() const override { return true; }
  ShownChannels shown_channels() const override { return ShownChannels::one; }
  std::string legend() const override { return "red: it grows where masks let the pixel be seen; blue: it falls"; }
  Maps explain(Subject& subject, const Tensor& x, const Question& question) const override;

  /** Mask k of a seed, [H, W] from 0 to 1. */
  std::vector<float> mask(int64_t rows, int64_t columns, uint64_t seed, int64_t k) const;

 private:
  Options options_;
};

}  // namespace convscope
