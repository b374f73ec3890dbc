#pragma once
// Building blocks of shaders: noise, and patterns that are averaged over the width of a sample instead of flickering.

#include "scenes/colour.h"
#include "scenes/maths.h"

#include <cstdint>

namespace strata::scenes {

inline uint32_t hash_cell(int x, int y, uint32_t seed) {
  uint32_t h = static_cast<uint32_t>(x) * 0x8DA6B343u ^ static_cast<uint32_t>(y) * 0xD8163841u ^ seed * 0xCB1AB31Fu;
  h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
  h = (h ^ (h >> 12)) * 0x297A2D39u;
  return h ^ (h >> 15);
}

// [0, 1), one value for each cell of the unit lattice.
inline float cell_value(int x, int y, uint32_t seed) { return static_cast<float>(hash_cell(x, y, seed) >> 8) * 0x1p-24f; }

// Smooth noise of the unit lattice, in [0, 1).
float value_noise(float x, float y, uint32_t seed);

// `octaves` layers of value_noise, each twice as fine and half as strong; about [0, 1).
float cloud_noise(float x, float y, int octaves, uint32_t seed);

// value_noise at `frequency` per metre, in [-0.5, 0.5), fading to 0 where a sample covers several of its cells.
float grain(float u, float v, float frequency, float footprint, uint32_t seed);

// The share of [x - width/2, x + width/2] that lies at or above `edge`.
inline float above(float x, float edge, float width) { return saturate((x - edge) / std::max(width, 1e-5f) + 0.5f); }
// ... that lies in [low, high].
inline float inside(float x, float low, float high, float width) {
  return saturate(above(x, low, width) - above(x, high, width));
}
// ... that lies in the first `on` metres of each `period`.
float pulses(float x, float period, float on, float width);

// A box of a surface as covered by a sample.
struct Extent {
  float u_low, u_high, v_low, v_high;
};
template <typename Point>
float covers(const Extent& box, const Point& p) {
  return inside(p.u, box.u_low, box.u_high, p.du) * inside(p.v, box.v_low, box.v_high, p.dv);
}

}  // namespace strata::scenes
