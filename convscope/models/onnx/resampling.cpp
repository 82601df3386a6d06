#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "convscope/base/join.h"
#include "convscope/graph/ops/pad.h"
#include "convscope/graph/ops/resample.h"
#include "convscope/graph/ops/reshape.h"
#include "convscope/models/onnx/site.h"

namespace convscope {

namespace {

// ---- Pad ----

/** Which row of `extent` stands at each place of a padded plane, as numpy.pad has it. */
std::vector<int64_t> padded_places(int64_t extent, int64_t before, int64_t after, const std::string& mode) {
  std::vector<int64_t> all;
  for (int64_t i = -before; i < extent + after; ++i) {
    if (mode == "edge") {
      all.push_back(std::clamp<int64_t>(i, 0, extent - 1));
    } else if (mode == "wrap") {
      all.push_back((i % extent + extent) % extent);
    } else {
      const int64_t period = std::max<int64_t>(1, 2 * (extent - 1)), place = (i % period + period) % period;
      all.push_back(place < extent ? place : period - place);
    }
  }
  return all;
}

struct Pads {
  std::array<int64_t, 4> before{}, after{};  // by our axes
};

Pads pads_of(OnnxSite& site, const OnnxThing& x) {
  const OnnxTensor* given = site.constant_if_given(1, "pads");
  const std::vector<int64_t> pads = given ? whole_numbers(*given) : site.integers("pads");
  const size_t rank = site.dims(x).size();
  std::vector<int64_t> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (site.has(3)) axes = whole_numbers(site.constant(3, "axes"));
  require(pads.size() == 2 * axes.size() && site.shape(x.value).rank() == 4, "{} pads for {}", pads.size(), site.shape(x.value));
  Pads all;
  constexpr int64_t kMost = 1 << 20;
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t ours = static_cast<size_t>(our_axis(x, onnx_axis(axes[i], rank)));
    all.before[ours] = pads[i];
    all.after[ours] = pads[i + axes.size()];
    require(std::abs(static_cast<double>(pads[i])) <= kMost && std::abs(static_cast<double>(pads[i + axes.size()])) <= kMost,
            "pads of {} and {}", pads[i], pads[i + axes.size()]);
  }
  require(all.before[0] == 0 && all.after[0] == 0, "padding of the batch");
  return all;
}

/** What negative pads take away. */
Value cropped(OnnxSite& site, Value x, Pads& pads) {
  const Shape s = site.shape(x);
  const auto cut = [](int64_t& pad) {
    const int64_t taken = std::max<int64_t>(0, -pad);
    pad = std::max<int64_t>(0, pad);
    return taken;
  };
  const int64_t top = cut(pads.before[2]), bottom = cut(pads.after[2]), left = cut(pads.before[3]), right = cut(pads.after[3]);
  require(pads.before[1] >= 0 && pads.after[1] >= 0, "channels are taken away by a pad; Slice does that");
  require(top + bottom < s[2] && left + right < s[3], "pads take away all of {}", s);
  if (top + bottom + left + right == 0) return x;
  return site.add<CropOp>("window", {top, left, s[2] - top - bottom, s[3] - left - right}, {x});
}

void import_pad(OnnxSite& site) {
  const OnnxThing x = site.computed(0);
  const std::string mode = site.text("mode", "constant");
  require(mode == "constant" || mode == "reflect" || mode == "edge" || mode == "wrap", "mode '{}'", mode);
  Pads pads = pads_of(site, x);
  Value y = cropped(site, x.value, pads);
  const Shape s = site.shape(y);
  const auto& [before, after] = pads;
  const bool plane = before[2] + after[2] + before[3] + after[3] > 0, channels = before[1] + after[1] > 0;
  if (mode != "constant") {
    require(!channels, "channels are padded with mode '{}'", mode);
    require(mode != "reflect" || (std::max(before[2], after[2]) < s[2] && std::max(before[3], after[3]) < s[3]),
            "a reflection of {} × {} that is wider than {}", std::max(before[2], after[2]), std::max(before[3], after[3]), s);
    site.charge(Shape{s[2] + before[2] + after[2] + s[3] + before[3] + after[3]});
    return site.give(
        picked_places(site, "", y, padded_places(s[2], before[2], after[2], mode), padded_places(s[3], before[3], after[3], mode)),
        x.order);
  }
  const OnnxTensor* value = site.constant_if_given(2, "value");
  require(!value || value->size() == 1, "a padding of {} numbers", value ? value->size() : 0);
  const double number = value ? value->at(0) : site.real("value", 0);
  if (channels) {
    require(number == 0, "channels of {} added; channels of zeros are read", number);
    y = site.add<ZeroPadChannelsOp>(plane ? "channels" : "", {before[1], after[1]}, {y});
  }
  if (plane) y = site.add<PadOp>("", {before[2], after[2], before[3], after[3], number}, {y});
  site.give(y, x.order);
}

// ---- Resize and Upsample ----

/** How one axis is made longer or shorter. */
struct Scaling {
  int64_t from = 1, to = 1;
  double scale = 1;
};

/** Numbers of the input and their weights for each number of the output. */
struct Taps {
  std::vector<int64_t> places;
  std::vector<double> weights;
};

/** As ONNX says it; what it does not say is what version 11 has. */
struct Interpolation {
  std::string mode, coordinates, nearest;
  double cubic = -0.75;
  bool excludes_outside = false;

  double source(const Scaling& s, int64_t i) const {
    const double x = static_cast<double>(i);
    if (coordinates == "asymmetric") return x / s.scale;
    if (coordinates == "align_corners") return s.to == 1 ? 0 : x * static_cast<double>(s.from - 1) / static_cast<double>(s.to - 1);
    if (coordinates == "pytorch_half_pixel" && s.to == 1) return 0;
    const double half = (x + 0.5) / s.scale - 0.5;
    if (coordinates != "half_pixel_symmetric") return half;
    const double adjustment = static_cast<double>(s.to) / (s.scale * static_cast<double>(s.from));
    return half + static_cast<double>(s.from) / 2 * (1 - adjustment);
  }

  int64_t nearest_of(double x) const {
    if (nearest == "floor") return static_cast<int64_t>(std::floor(x));
    if (nearest == "ceil") return static_cast<int64_t>(std::ceil(x));
    return static_cast<int64_t>(nearest == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5));
  }

  int64_t taps() const { return mode == "nearest" ? 1 : mode == "linear" ? 2 : 4; }

  /** Keys 1981: weights of the numbers at distances 1 + t, t, 1 − t and 2 − t. */
  std::array<double, 4> cubic_weights(double t) const {
    const double a = cubic;
    const auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    const auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    return {far(1 + t), near(t), near(1 - t), far(2 - t)};
  }

  Taps of(const Scaling& s) const {
    Taps all;
    for (int64_t i = 0; i < s.to; ++i) {
      const double x = source(s, i);
      if (mode == "nearest") {
        all.places.push_back(std::clamp<int64_t>(nearest_of(x), 0, s.from - 1));
        all.weights.push_back(1);
        continue;
      }
      const double floor = std::floor(x), t = x - floor;
      const std::array<double, 4> cubics = cubic_weights(t);
      const int64_t first = static_cast<int64_t>(floor) - (mode == "cubic" ? 1 : 0);
      double sum = 0;
      for (int64_t k = 0; k < taps(); ++k) {
        const bool inside = first + k >= 0 && first + k < s.from;
        double weight = mode == "cubic" ? cubics[static_cast<size_t>(k)] : k == 0 ? 1 - t : t;
        if (excludes_outside && !inside) weight = 0;
        sum += weight;
        all.places.push_back(std::clamp<int64_t>(first + k, 0, s.from - 1));
        all.weights.push_back(weight);
      }
      if (excludes_outside)
        for (size_t k = all.weights.size() - static_cast<size_t>(taps()); k < all.weights.size(); ++k) all.weights[k] /= sum;
    }
    return all;
  }
};

/** Numbers for each of ONNX's axes, of which some may be named; `otherwise` for the others. */
std::vector<double> by_axis(OnnxSite& site, const OnnxTensor& t, size_t rank, double otherwise) {
  std::vector<double> all(rank, otherwise);
  const std::vector<int64_t> axes = site.integers("axes");
  require(t.size() == static_cast<int64_t>(axes.empty() ? rank : axes.size()), "{} numbers for {} axes", t.size(),
          axes.empty() ? rank : axes.size());
  for (int64_t i = 0; i < t.size(); ++i) {
    const size_t at = static_cast<size_t>(i);
    all[axes.empty() ? at : static_cast<size_t>(onnx_axis(axes[at], rank))] = t.at(i);
  }
  return all;
}

void give_resized(OnnxSite& site, const OnnxThing& x, const OnnxTensor* scales, const OnnxTensor* sizes, const Interpolation& how) {
  const std::vector<int64_t> dims = site.dims(x);
  require(site.shape(x.value).rank() == 4, "[{}] is resized; pictures are", join(dims, ", "));
  require((scales != nullptr) != (sizes != nullptr), "scales or sizes were wanted, one of them");
  const std::vector<double> numbers = by_axis(site, scales ? *scales : *sizes, dims.size(), scales ? 1 : 0);
  std::array<Scaling, 4> axes;
  for (size_t i = 0; i < dims.size(); ++i) {
    Scaling& s = axes[static_cast<size_t>(our_axis(x, static_cast<int64_t>(i)))];
    s.from = dims[i];
    const double named = sizes && numbers[i] == 0 ? static_cast<double>(dims[i]) : numbers[i];
    require(named > 0 && named < 1 << 20, "an axis of {} is resized by {}", dims[i], named);
    const double to = sizes ? named : std::floor(static_cast<double>(dims[i]) * named);
    require(to >= 1 && to < 1 << 20, "an axis of {} becomes {}", dims[i], to);
    require(how.coordinates != "align_corners" || sizes || to == static_cast<double>(dims[i]) * named,
            "an axis of {} scaled by {} with align_corners, of which programs have different ideas; give sizes", dims[i], named);
    s.to = static_cast<int64_t>(to);
    s.scale = sizes ? to / static_cast<double>(s.from) : named;
  }
  require(axes[0].from == axes[0].to && axes[1].from == axes[1].to, "the batch or the channels are resized");
  if (axes[2].from == axes[2].to && axes[3].from == axes[3].to) return site.give(x);
  site.charge(Shape{how.taps() * (axes[2].to + axes[3].to)});
  Taps rows = how.of(axes[2]), columns = how.of(axes[3]);
  ResampleOptions o{how.taps(), std::move(rows.places), std::move(columns.places), {}, {}};
  if (how.taps() > 1) {
    o.row_weights = std::move(rows.weights);
    o.column_weights = std::move(columns.weights);
  }
  site.give(site.add<ResampleOp>("", std::move(o), {x.value}), x.order);
}

const OnnxTensor* constant_with_numbers(OnnxSite& site, size_t i, std::string_view what) {
  const OnnxTensor* t = site.constant_if_given(i, what);
  return t && t->size() > 0 ? t : nullptr;  // torch writes an empty one for what it does not say
}

void import_resize(OnnxSite& site) {
  const bool first_version = site.opset() < 11;
  Interpolation how{.mode = site.text("mode", "nearest"),
                    .coordinates = site.text("coordinate_transformation_mode", first_version ? "asymmetric" : "half_pixel"),
                    .nearest = site.text("nearest_mode", first_version ? "floor" : "round_prefer_floor"),
                    .cubic = site.real("cubic_coeff_a", -0.75),
                    .excludes_outside = site.integer("exclude_outside", 0) != 0};
  constexpr std::string_view kModes[] = {"nearest", "linear", "cubic"};
  constexpr std::string_view kCoordinates[] = {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"};
  const auto known = [](const auto& list, const std::string& name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  require(known(kModes, how.mode), "mode '{}'; {} are read", how.mode, join(kModes, ", "));
  require(known(kCoordinates, how.coordinates), "coordinate_transformation_mode '{}'; {} are read", how.coordinates,
          join(kCoordinates, ", "));
  constexpr std::string_view kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  require(known(kNearest, how.nearest), "nearest_mode '{}'; {} are read", how.nearest, join(kNearest, ", "));
  require(site.integer("antialias", 0) == 0, "antialias=1 is not read; resize the pictures before they go in");
  require(site.text("keep_aspect_ratio_policy", "stretch") == "stretch", "keep_aspect_ratio_policy is not read");
  const OnnxThing x = site.computed(0);
  if (first_version) return give_resized(site, x, &site.constant(1, "scales"), nullptr, how);
  give_resized(site, x, constant_with_numbers(site, 2, "scales"), constant_with_numbers(site, 3, "sizes"), how);
}

void import_upsample(OnnxSite& site) {
  Interpolation how{.mode = site.text("mode", "nearest"), .coordinates = "asymmetric", .nearest = "floor"};
  if (how.mode == "bilinear") how.mode = "linear";
  require(how.mode == "nearest" || how.mode == "linear", "mode '{}'", how.mode);
  const OnnxThing x = site.computed(0);
  if (site.has(1)) return give_resized(site, x, &site.constant(1, "scales"), nullptr, how);
  const auto it = site.node().attributes.find("scales");
  require(it != site.node().attributes.end() && !it->second.numbers.empty(), "it does not say its scales");
  OnnxTensor scales;
  scales.reals = it->second.numbers;
  scales.dims = {scales.size()};
  give_resized(site, x, &scales, nullptr, how);
}

/** Weights of an axis from a matrix [to, from], or its transpose: the same count of taps for all, those that are not 0 first. */
Taps taps_of(const OnnxTensor& matrix, bool transposed, int64_t taps) {
  const int64_t to = matrix.dims[transposed ? 1 : 0], from = matrix.dims[transposed ? 0 : 1];
  Taps all;
  for (int64_t i = 0; i < to; ++i) {
    int64_t count = 0;
    for (int64_t j = 0; j < from; ++j) {
      const float weight = matrix.reals[static_cast<size_t>(transposed ? j * to + i : i * from + j)];
      if (weight == 0) continue;
      all.places.push_back(j);
      all.weights.push_back(weight);
      ++count;
    }
    for (; count < taps; ++count) {
      all.places.push_back(0);
      all.weights.push_back(0);
    }
  }
  return all;
}

/** The most numbers that go into one of the outputs. */
int64_t most_taps(const OnnxTensor& matrix, bool transposed) {
  const int64_t to = matrix.dims[transposed ? 1 : 0], from = matrix.dims[transposed ? 0 : 1];
  int64_t most = 1;
  for (int64_t i = 0; i < to; ++i) {
    int64_t count = 0;
    for (int64_t j = 0; j < from; ++j) count += matrix.reals[static_cast<size_t>(transposed ? j * to + i : i * from + j)] != 0;
    most = std::max(most, count);
  }
  return most;
}

}  // namespace

void give_axis_product(OnnxSite& site, Value x, const OnnxTensor& matrix, bool of_rows) {
  const Shape s = site.shape(x);
  const bool transposed = !of_rows;
  const int64_t extent = of_rows ? s[2] : s[3], taps = !matrix.whole && matrix.dims.size() == 2 ? most_taps(matrix, transposed) : 0;
  constexpr int64_t kMostTaps = 16;
  require(taps > 0 && taps <= kMostTaps && matrix.dims[of_rows ? 1 : 0] == extent,
          "a matrix [{}] times each plane of {}; resizing is read, with at most {} numbers for each one", join(matrix.dims, ", "), s,
          kMostTaps);
  Taps along = taps_of(matrix, transposed, taps), across;
  const int64_t others = of_rows ? s[3] : s[2];
  site.charge(Shape{taps * (others + matrix.dims[of_rows ? 0 : 1])});
  for (int64_t i = 0; i < others; ++i)
    for (int64_t k = 0; k < taps; ++k) {
      across.places.push_back(i);
      across.weights.push_back(k == 0 ? 1 : 0);
    }
  Taps &rows = of_rows ? along : across, &columns = of_rows ? across : along;
  site.give(site.add<ResampleOp>(
      "", {taps, std::move(rows.places), std::move(columns.places), std::move(rows.weights), std::move(columns.weights)}, {x}));
}

std::span<const OnnxOperator> onnx_resampling() {
  static constexpr OnnxOperator rows[] = {
      {"Pad", import_pad},
      {"Resize", import_resize},
      {"Upsample", import_upsample},
  };
  return rows;
}

}  // namespace convscope
