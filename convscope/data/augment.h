#pragma once

#include <memory>

#include "convscope/base/random.h"
#include "convscope/data/dataset.h"

namespace convscope {

/**
 * A random crop of the zero-padded image, then a random mirror image, then a square cut out of it, drawn anew in each epoch.
 *
 * The padding is zeros of the raw pixels, black: what comes after a normalisation sees −mean / std there, as in the published trainings.
 * Cutout, DeVries and Taylor 2017: the square's centre is any pixel with the same probability, so that it may lie partly outside; inside
 * it all channels are black too.
 * Each draw is a function of (seed, the sample's number, epoch), so neither threads nor the splitting into batches change it.
 */
class Augment : public Dataset {
 public:
  struct Options {
    int64_t pad_crop = 0;
    bool flip = false;
    int64_t cutout = 0;

    bool any() const { return pad_crop > 0 || flip || cutout > 0; }
    void fields(auto&& field) {
      field("pad_crop", pad_crop, "zeros around each picture from which a random crop of its size is taken; 0: none");
      field("flip", flip, "mirror half of the pictures, at random");
      field("cutout", cutout, "side of a square that is blackened at a random place of each picture; 0: none");
    }
  };

  Augment(std::shared_ptr<const Dataset> base, Options options, uint64_t seed);

  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(index); }
  int64_t number(int64_t index) const override { return base_->number(index); }
  Path file(int64_t index) const override { return base_->file(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override;

  /**
   * What happens to a sample in an epoch: y[c, i, j] = x[c, i + row, j + column], zero outside; then mirrored if `flip`; then zero in the
   * rows cut_row … cut_row + cutout − 1 and the columns alike, as far as they are in the image.
   */
  struct Draw {
    int64_t row = 0, column = 0;  // −pad_crop … pad_crop
    bool flip = false;
    int64_t cut_row = 0, cut_column = 0;  // the centre is `cutout` / 2 further
  };
  Draw draw(int64_t index, uint64_t epoch) const;

 private:
  std::shared_ptr<const Dataset> base_;
  Options options_;
  RandomStream random_, random_cut_;  // streams of their own: a cut leaves crops and mirrors as they were
};

}  // namespace convscope
