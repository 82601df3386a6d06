#pragma once

#include "convscope/inspect/attribution/attribution.h"
#include "convscope/inspect/attribution/made_pictures.h"
#include "convscope/tensor/slic.h"

namespace convscope {

/** Into what pictures are cut, and what stands where a piece is hidden. */
struct SuperpixelOptions {
  int64_t segments = 50;
  double compactness = 10;
  std::string fill = "mean";

  void fields(auto&& field) {
    field("segments", segments, "superpixels, about so many");
    field("compactness", compactness, "how much nearness counts beside likeness: large, and they are squares");
    field("fill", fill, "what stands for what is hidden: mean (of the image), own (of the superpixel), black, grey or white");
  }
};
/** An error that begins with the method's name. */
void check_superpixels(const SuperpixelOptions& options, std::string_view method);

/** One letter a superpixel: whether it is seen. */
using Coalition = std::vector<char>;

/** Images cut into superpixels; each has at least two. */
class SuperpixelImages {
 public:
  SuperpixelImages(const Tensor& x, const SuperpixelOptions& options, std::string_view method);

  int64_t images() const { return x_.shape()[0]; }
  int64_t count(int64_t n) const { return cuts_[static_cast<size_t>(n)].count; }
  const Superpixels& cut(int64_t n) const { return cuts_[static_cast<size_t>(n)]; }
  /** Image n, of which the superpixels of a coalition are seen. */
  void write(int64_t n, const Coalition& seen, std::span<float> picture) const;
  /** [N, 1, H, W]: each superpixel's share, spread over its pixels so that the map adds up to all of them. */
  Tensor map(const std::vector<std::vector<double>>& shares) const;

 private:
  const Tensor& x_;
  std::vector<Superpixels> cuts_;
  std::vector<std::vector<float>> hidden_;  // [C, H W] of each image
};

/** The coalition of question s of `count(n)` about image n; from any thread, the same each time. */
struct Coalitions {
  std::function<int64_t(int64_t n)> count;
  std::function<Coalition(int64_t n, int64_t s)> seen;
};

/** Asks all of them; `take` gets them image by image and in order, each with the target's number. */
void answer_coalitions(Subject& subject, const Question& question, const SuperpixelImages& images, const Coalitions& coalitions,
                       const std::function<void(int64_t n, int64_t s, const Coalition& seen, double value)>& take);

}  // namespace convscope
