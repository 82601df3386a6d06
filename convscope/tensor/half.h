#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace convscope {

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of mantissa. F32 holds each of its numbers. */
inline float float_of_half(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  const float sign = bits & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  if (exponent == 31) return mantissa ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

/** bfloat16: the upper half of an F32. */
inline float float_of_bfloat(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

}  // namespace convscope
