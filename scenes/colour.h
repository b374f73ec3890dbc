#pragma once
// Linear light. Pictures store its square root (gamma 2.0: sqrt is exact everywhere, pow is not).

#include "scenes/maths.h"

namespace strata::scenes {

struct Colour {
  float r = 0, g = 0, b = 0;
};

inline Colour operator+(Colour a, Colour b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
inline Colour operator*(Colour a, Colour b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }
inline Colour operator*(Colour a, float k) { return {a.r * k, a.g * k, a.b * k}; }
inline Colour mix(Colour a, Colour b, float t) { return a + (b + a * -1.0f) * t; }

// From the 0-255 numbers of a picture.
inline Colour display(float r, float g, float b) { return {square(r / 255), square(g / 255), square(b / 255)}; }
inline Colour display_grey(float level) { return display(level, level, level); }

// Hue in turns, saturation and value in 0..1, all as seen in a picture.
inline Colour display_hsv(float hue, float saturation, float value) {
  const auto channel = [&](float shift) {
    const float k = fraction(hue + shift) * 6;
    return square(value * (1 - saturation * saturate(std::min(k, 4 - k))));
  };
  return {channel(5.0f / 6), channel(0.5f), channel(1.0f / 6)};
}

}  // namespace strata::scenes
