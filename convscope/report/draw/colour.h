#pragma once

namespace convscope {

/** Red, green and blue as on screens (sRGB), 0 … 1. */
struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
  double alpha = 1;
};

/** 0xRRGGBB. */
constexpr Colour colour(unsigned hex) {
  return {static_cast<double>(hex >> 16 & 255) / 255, static_cast<double>(hex >> 8 & 255) / 255, static_cast<double>(hex & 255) / 255, 1};
}

/** `share` of the way from `a` to `b`. */
constexpr Colour mix(Colour a, Colour b, double share) {
  const auto between = [share](double x, double y) { return x + (y - x) * share; };
  return {between(a.red, b.red), between(a.green, b.green), between(a.blue, b.blue), between(a.alpha, b.alpha)};
}

/** The colour, seen through to what lies behind. */
constexpr Colour sheer(Colour c, double alpha) { return {c.red, c.green, c.blue, alpha}; }

/** Perceived brightness, ITU-R 709 weights. */
constexpr double brightness(Colour c) { return 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue; }

inline constexpr Colour kPaper = colour(0xffffff);
inline constexpr Colour kInk = colour(0x1c2126);
inline constexpr Colour kMuted = colour(0x6b747d);  // text that may be overlooked; 4.9 : 1 against paper
inline constexpr Colour kAxis = colour(0xaeb5bc);
inline constexpr Colour kGrid = colour(0xe6e9ec);

// Two hues that people tell apart with any kind of colour vision (Okabe and Ito 2008), a little darker so that text can wear them.
inline constexpr Colour kBlue = colour(0x0067a5);
inline constexpr Colour kOrange = colour(0xc75000);

// For lines of several runs: these two, then the others of Okabe and Ito, darker where paper would swallow them.
inline constexpr Colour kRunColours[] = {
    kBlue, kOrange, colour(0x00805c), colour(0xa8437f), colour(0x8a6d00), colour(0x3d93c9), colour(0x7a4fb0), colour(0x5f6870),
};

}  // namespace convscope
