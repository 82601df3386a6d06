#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/join.h"

namespace convscope {

/** Extents of a dense tensor, outermost first; up to 5, of a product that fits into an int64_t. `[]` has one element. */
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}
  explicit Shape(std::span<const int64_t> extents) : rank_(static_cast<int>(extents.size())) {
    require(extents.size() <= kMaxRank, "a shape of {} extents; at most {} are supported", extents.size(), kMaxRank);
    int64_t n = 1;
    for (size_t i = 0; i < extents.size(); ++i) {
      require(extents[i] >= 0, "a shape cannot have the extent {}", extents[i]);
      require(!__builtin_mul_overflow(n, extents[i], &n), "a shape [{}] of absurd size", join(extents, ", "));
      extents_[i] = extents[i];
    }
  }

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return extents_[static_cast<size_t>(axis)]; }
  int64_t& operator[](int axis) { return extents_[static_cast<size_t>(axis)]; }
  std::span<const int64_t> extents() const { return {extents_.data(), static_cast<size_t>(rank_)}; }

  int64_t size() const {
    int64_t n = 1;
    for (const int64_t e : extents()) n *= e;
    return n;
  }
  /** Elements behind one index of the first axis: an image of a batch. */
  int64_t inner() const { return rank_ == 0 || extents_[0] == 0 ? 0 : size() / extents_[0]; }

  /** The same with another first extent. */
  Shape with_batch(int64_t n) const {
    require(rank_ > 0, "a shape without extents has no batch");
    std::array<int64_t, kMaxRank> other = extents_;
    other[0] = n;
    return Shape(std::span<const int64_t>(other.data(), static_cast<size_t>(rank_)));
  }

  bool operator==(const Shape&) const = default;

 private:
  static constexpr size_t kMaxRank = 5;
  std::array<int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

}  // namespace convscope

template <>
struct fmt::formatter<convscope::Shape> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  auto format(const convscope::Shape& s, format_context& context) const {
    return fmt::format_to(context.out(), "[{}]", convscope::join(s.extents(), ", "));
  }
};
