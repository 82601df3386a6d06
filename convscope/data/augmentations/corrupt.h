#pragma once

#include <string>

#include "convscope/data/augmentation.h"
#include "convscope/data/corruption.h"

namespace convscope {

/** A corruption (data/corruption.h) of a share of the pictures, at one severity or one of the five at random. */
class Corrupt : public Augmentation {
 public:
  struct Options {
    int64_t severity = 0;
    double share = 0.5;

    void fields(auto&& field) {
      field("severity", severity, "1 to 5; 0: one of them at random");
      field("share", share, "of the pictures that are changed, in each epoch others");
    }
    void check(std::string_view whose) const;
  };
  Corrupt(std::string corruption, Options options) : name_(std::move(corruption)), options_(options) {}

  /** Its row in the family. */
  static Entry<Augmentation> row(const Entry<Corruption>& corruption);

  void check(const Shape& shape) const override { check_corruptible(shape); }
  void apply(const Sample& sample, const Shape& shape, std::span<float> pixels) const override;

 private:
  std::string name_;
  Options options_;
};

}  // namespace convscope
