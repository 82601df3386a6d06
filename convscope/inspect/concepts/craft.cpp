#include "convscope/inspect/concepts/craft.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "convscope/base/threads.h"
#include "convscope/inspect/concepts/sobol.h"

namespace convscope {

namespace {

/** A square of a picture [C, H, W], bilinear, as large as the picture: pixels' middles on pixels' middles, as torch's interpolate. */
void enlarge(std::span<const float> picture, const Shape& image, int64_t row, int64_t column, int64_t crop, std::span<float> to) {
  const int64_t rows = image[1], columns = image[2];
  const int64_t high = std::min(crop, rows), wide = std::min(crop, columns);
  const auto along = [](int64_t i, int64_t size, int64_t part, int64_t& low, int64_t& next) {
    const double at = std::clamp((static_cast<double>(i) + 0.5) * static_cast<double>(part) / static_cast<double>(size) - 0.5, 0.0,
                                 static_cast<double>(part - 1));
    low = static_cast<int64_t>(at);
    next = std::min(low + 1, part - 1);
    return static_cast<float>(at - static_cast<double>(low));
  };
  for (int64_t i = 0; i < rows; ++i) {
    int64_t top = 0, under = 0;
    const float down = along(i, rows, high, top, under);
    for (int64_t j = 0; j < columns; ++j) {
      int64_t left = 0, right = 0;
      const float over = along(j, columns, wide, left, right);
      for (int64_t c = 0; c < image[0]; ++c) {
        const auto at = [&](int64_t r, int64_t s) { return picture[static_cast<size_t>((c * rows + row + r) * columns + column + s)]; };
        to[static_cast<size_t>((c * rows + i) * columns + j)] = (1 - down) * ((1 - over) * at(top, left) + over * at(top, right)) +
                                                                down * ((1 - over) * at(under, left) + over * at(under, right));
      }
    }
  }
}

class Progress {
 public:
  Progress(const CraftOptions& options, int64_t total) : tell_(options.progress), total_(total) {}
  void add(int64_t some) {
    done_ += some;
    if (tell_) tell_(done_, total_);
  }

 private:
  const std::function<void(int64_t, int64_t)>& tell_;
  int64_t done_ = 0, total_;
};

/** Crops of all pictures, and what the node gives for each on average over its positions. */
struct Seen {
  std::vector<ConceptCrop> crops;
  Tensor means;  // [crops, channels]
};

Seen see_crops(Subject& subject, const Tensor& x, const CraftOptions& options, int64_t channels, Progress& progress) {
  const Shape image = subject.image();
  Seen seen;
  const std::vector<int64_t> rows = crop_places(image[1], options.crop), columns = crop_places(image[2], options.crop);
  for (int64_t n = 0; n < x.shape()[0]; ++n)
    for (const int64_t row : rows)
      for (const int64_t column : columns) seen.crops.push_back({n, row, column, 0});
  const int64_t count = std::ssize(seen.crops);
  seen.means = Tensor({count, channels});
  const auto fill = [&](int64_t first, std::span<float> some) {
    const auto one = static_cast<size_t>(image.size());
    parallel(static_cast<int64_t>(some.size() / one), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const ConceptCrop& crop = seen.crops[static_cast<size_t>(first + i)];
        enlarge(x.row(crop.picture), image, crop.row, crop.column, options.crop, some.subspan(static_cast<size_t>(i) * one, one));
      }
    });
  };
  subject.stream(options.node, count, fill, [&](int64_t first, int64_t some, const Tensor& y) {
    const int64_t places = y.shape().inner() / channels;
    for (int64_t i = 0; i < some; ++i)
      for (int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        float least = 0;
        for (const float v : y.row(i).subspan(static_cast<size_t>(c * places), static_cast<size_t>(places)))
          sum += v, least = std::min(least, v);
        require(least >= 0, "concepts: node '{}' gives numbers below 0 ({:.3g}): another `node` was wanted, behind a ReLU", options.node,
                least);
        seen.means.row(first + i)[static_cast<size_t>(c)] = static_cast<float>(sum / static_cast<double>(places));
      }
    progress.add(some);
  });
  return seen;
}

/** Shares u [R, places] of what a node [C, places] gives for a picture. */
std::vector<double> shares_at_places(std::span<const float> a, const std::vector<double>& w, int64_t rank, int64_t channels) {
  const auto places = static_cast<int64_t>(a.size()) / channels;
  std::vector<double> u(static_cast<size_t>(rank * places));
  parallel(places, 4, [&](int64_t begin, int64_t end) {
    std::vector<double> at(static_cast<size_t>(channels));
    for (int64_t p = begin; p < end; ++p) {
      for (int64_t c = 0; c < channels; ++c) at[static_cast<size_t>(c)] = a[static_cast<size_t>(c * places + p)];
      const std::vector<double> own = non_negative_shares(at, w, rank);
      for (int64_t k = 0; k < rank; ++k) u[static_cast<size_t>(k * places + p)] = own[static_cast<size_t>(k)];
    }
  });
  return u;
}

/** What the shares, each concept's times its mask, make of the node: [C, places]. */
void compose(const std::vector<double>& u, const std::vector<double>& w, std::span<const double> mask, int64_t channels,
             std::span<float> a) {
  const auto rank = static_cast<int64_t>(mask.size());
  const int64_t places = static_cast<int64_t>(a.size()) / channels;
  std::fill(a.begin(), a.end(), 0.0f);
  for (int64_t k = 0; k < rank; ++k)
    for (int64_t c = 0; c < channels; ++c) {
      const double weight = mask[static_cast<size_t>(k)] * w[static_cast<size_t>(k * channels + c)];
      if (weight == 0) continue;
      for (int64_t p = 0; p < places; ++p)
        a[static_cast<size_t>(c * places + p)] += static_cast<float>(weight * u[static_cast<size_t>(k * places + p)]);
    }
}

}  // namespace

std::vector<int64_t> crop_places(int64_t side, int64_t crop) {
  std::vector<int64_t> places;
  const int64_t step = std::max<int64_t>(1, crop * 4 / 5);
  for (int64_t at = 0; at + crop < side; at += step) places.push_back(at);
  places.push_back(std::max<int64_t>(0, side - crop));
  return places;
}

Craft craft(Subject& subject, const Tensor& x, const CraftOptions& options) {
  const Shape shape = subject.shape(options.node);
  require(shape.rank() == 3, "concepts: node '{}' gives {}; one with positions, [C, H, W], was wanted", options.node, shape);
  const int64_t channels = shape[0], rank = options.rank, pictures = x.shape()[0], explained = std::min(options.explained, pictures);
  require(options.crop >= 2, "`crop` {}: a side of at least 2 pixels was wanted", options.crop);
  const int64_t masks = options.designs * (rank + 2);
  const int64_t crops =
      pictures * std::ssize(crop_places(subject.image()[1], options.crop)) * std::ssize(crop_places(subject.image()[2], options.crop));
  Progress progress(options, crops + explained * (masks + 1));
  Seen seen = see_crops(subject, x, options, channels, progress);
  const Factors factors = factorise(seen.means, {.rank = rank, .seed = options.seed});

  Craft found;
  found.error = factors.error;
  found.crops = crops;
  const std::vector<double> design = sobol_masks(options.designs, rank, options.seed);
  const std::vector<double> open(static_cast<size_t>(rank), 1.0);
  std::vector<std::vector<double>> indices, shares;
  const auto of_class = static_cast<size_t>(options.of_class);
  for (int64_t n = 0; n < explained; ++n) {
    const Tensor one(x.shape().with_batch(1), x.row(n));
    const Tensor a = subject.activation(one, options.node);
    const double logit = subject.logits(one).row(0)[of_class];
    shares.push_back(shares_at_places(a.row(0), factors.w, rank, channels));
    std::vector<double> answers;
    // The masks, and behind them all concepts as they are.
    for (int64_t first = 0; first <= masks; first += subject.batch()) {
      const int64_t some = std::min(subject.batch(), masks + 1 - first);
      Tensor values(a.shape().with_batch(some)), pixels(x.shape().with_batch(some));
      for (int64_t i = 0; i < some; ++i) {
        const int64_t m = first + i;
        compose(shares.back(), factors.w,
                m == masks ? std::span<const double>(open)
                           : std::span(design).subspan(static_cast<size_t>(m * rank), static_cast<size_t>(rank)),
                channels, values.row(i));
        std::copy(one.span().begin(), one.span().end(), pixels.row(i).begin());
      }
      const Tensor table = subject.table_from(options.node, values, pixels, {});
      for (int64_t i = 0; i < some; ++i) answers.push_back(table.row(i)[of_class]);
      progress.add(some);
    }
    found.lost += std::abs(answers.back() - logit) / std::max(1e-30, std::abs(logit)) / static_cast<double>(explained);
    answers.pop_back();
    indices.push_back(total_sobol_indices(answers, options.designs, rank));
  }

  std::vector<FoundConcept> all(static_cast<size_t>(rank));
  for (size_t k = 0; k < all.size(); ++k) {
    double squares = 0;
    for (const std::vector<double>& own : indices) {
      all[k].importance += own[k] / static_cast<double>(explained);
      squares += own[k] * own[k] / static_cast<double>(explained);
    }
    all[k].deviation = std::sqrt(std::max(0.0, squares - all[k].importance * all[k].importance));
    all[k].crops = seen.crops;
    for (size_t i = 0; i < seen.crops.size(); ++i) all[k].crops[i].share = factors.u[i * all.size() + k];
    std::stable_sort(all[k].crops.begin(), all[k].crops.end(),
                     [](const ConceptCrop& a, const ConceptCrop& b) { return a.share > b.share; });
  }
  std::vector<size_t> order(all.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return all[a].importance > all[b].importance; });
  found.maps = Tensor({explained, rank, shape[1], shape[2]});
  const auto places = static_cast<size_t>(shape[1] * shape[2]);
  for (size_t to = 0; to < order.size(); ++to) {
    for (int64_t n = 0; n < explained; ++n)
      std::transform(shares[static_cast<size_t>(n)].begin() + static_cast<ptrdiff_t>(order[to] * places),
                     shares[static_cast<size_t>(n)].begin() + static_cast<ptrdiff_t>((order[to] + 1) * places),
                     found.maps.row(n).begin() + static_cast<ptrdiff_t>(to * places), [](double v) { return static_cast<float>(v); });
    found.concepts.push_back(std::move(all[order[to]]));
  }
  return found;
}

}  // namespace convscope
