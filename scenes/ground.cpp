#include "scenes/ground.h"

namespace strata::scenes {

Ground::Ground(const Layout& layout, uint64_t seed) : street_(layout.street), mirror_(layout.mirror) {
  Dice dice(seed);
  noise_ = dice.noise_seed();
  const float warmth = dice.real(-12, 12);
  const float grey = dice.real(70, 150);
  asphalt_ = display(grey + warmth, grey, grey - warmth);
  paint_ = dice.chance(0.8f) ? display_grey(dice.real(205, 245)) : display(235, 195, 90);
  wear_ = dice.real(0.05f, 0.45f);
  paving_ = masonry_colour(dice);
  kerb_ = display_grey(dice.real(120, 205));
  leaf_ = plant_colour(dice);
  straw_ = plant_colour(dice);
  soil_ = display(dice.real(90, 150), dice.real(75, 115), dice.real(50, 85));
  tile_length_ = dice.real(0.5f, 0.95f);
  tile_width_ = dice.chance(0.5f) ? tile_length_ : tile_length_ * 0.55f;
  tile_shift_ = dice.chance(0.5f) ? 0.5f : 0.0f;
  arrow_s_ = dice.real(5, 18);
  edge_lines_ = dice.chance(0.6f);
}

Ground::Patch Ground::at(float x, float y, float dx, float dy) const {
  const Place p{y, mirror_ * x - street_.offset(y), dy, dx, std::max(dx, 0.4f * dy)};
  const StreetSide& side = street_.side(p.t);
  const float distance = std::abs(p.t);
  if (distance < side.road_edge) return {asphalt(p), RawLabel::kRoad};
  if (street_.junction && street_.junction->opens(side.sign)) {
    const float inner = std::min(p.s - street_.junction->begin, street_.junction->end - p.s);
    if (inner > 0) return {asphalt(p), RawLabel::kRoad};
    if (inner > -kKerbWidth) return {kerb(p), RawLabel::kSidewalk};
    if (inner > -2.2f) return {paving(p), RawLabel::kSidewalk};
  }
  if (distance < side.road_edge + kKerbWidth) return {kerb(p), RawLabel::kSidewalk};
  if (distance > side.strip_end && distance < side.walk_end) return {paving(p), RawLabel::kSidewalk};
  return {grass(p), RawLabel::kTerrain};
}

Colour Ground::asphalt(const Place& p) const {
  float level =
      1 + 0.35f * grain(p.s, p.t, 14, p.footprint, noise_) + 0.25f * grain(p.s * 0.4f, p.t, 1.3f, p.footprint, noise_ + 1);
  const float lane = std::abs(fraction(p.t / 3.2f + 0.5f) - 0.5f) * 3.2f;
  level *= 1 - 0.13f * inside(lane, 0.5f, 1.0f, 0.4f + p.dt);  // polished by wheels
  const float crack = std::abs(value_noise(p.s * 0.45f, p.t * 0.8f, noise_ + 2) - 0.5f);
  level *= 1 - 0.45f * (1 - saturate(crack / 0.012f)) / (1 + 30 * p.footprint);
  const Colour bare = street_.rails ? rails(asphalt_ * level, p) : asphalt_ * level;
  const float worn = wear_ * saturate(2.5f * value_noise(p.s * 5, p.t * 5, noise_ + 3) - 0.6f);
  return mix(bare, paint_, paint(p) * (1 - worn));
}

Colour Ground::rails(Colour road, const Place& p) const {
  if (std::abs(p.t - *street_.rails) > 1.3f) return road;
  const float from_middle = std::abs(p.t - *street_.rails);
  const float slab = 1 - 0.5f * pulses(p.s, 1.5f, 0.08f, p.ds);
  const Colour bed = mix(road, kerb_ * slab, 0.55f * inside(from_middle, 0, 1.2f, p.dt));
  const Colour groove = mix(bed, display_grey(35), inside(from_middle, 0.60f, 0.68f, p.dt));
  return mix(groove, display_grey(200), inside(from_middle, 0.68f, 0.78f, p.dt));
}

// The share of a sample that is painted.
float Ground::paint(const Place& p) const {
  if (p.t < -street_.left.road_edge || p.t > street_.right.road_edge) return 0;
  float share = 0;
  const bool in_junction = street_.junction && street_.junction->contains(p.s);
  if (!in_junction) {
    for (const float mark : street_.lane_marks) {
      share = std::max(share, inside(p.t, mark - 0.08f, mark + 0.08f, p.dt) * pulses(p.s, 6, 3.2f, p.ds));
    }
    if (edge_lines_) {
      const float edge = p.t < 0 ? street_.left.road_edge + p.t : street_.right.road_edge - p.t;
      share = std::max(share, inside(edge, 0.22f, 0.36f, p.dt));
    }
    share = std::max(share, arrow(p));
  }
  if (street_.junction) {  // stop line
    const float from_line = street_.junction->begin - (street_.zebra ? kZebraLength + 2 : 1) - p.s;
    share = std::max(share, inside(from_line, 0, 0.4f, p.ds) * inside(p.t, -1.5f, 1.6f, p.dt));
  }
  if (street_.zebra) {
    share = std::max(share, inside(p.s - *street_.zebra, 0, kZebraLength, p.ds) * pulses(p.t + 40.25f, 1.0f, 0.5f, p.dt));
  }
  return share;
}

float Ground::arrow(const Place& p) const {
  const float along = p.s - arrow_s_;
  if (along < 0 || along > 4) return 0;
  const float shaft = inside(along, 0, 2.4f, p.ds) * inside(p.t, -0.09f, 0.09f, p.dt);
  const float half = 0.42f * (4 - along) / 1.6f;
  return std::max(shaft, inside(along, 2.4f, 4, p.ds) * inside(p.t, -half, half, p.dt));
}

Colour Ground::paving(const Place& p) const {
  const int row = floor_to_int(p.s / tile_width_);
  const float t = p.t + (row & 1 ? tile_shift_ * tile_length_ : 0.0f) + 100 * tile_length_;
  const int column = floor_to_int(t / tile_length_);
  const float seen = 1 / (1 + square(2.5f * p.footprint / tile_width_));
  const float tint = 1 + 0.34f * (cell_value(row, column, noise_ + 4) - 0.5f) * seen;
  const float joints = std::max(pulses(p.s, tile_width_, 0.055f, p.ds), pulses(t, tile_length_, 0.055f, p.dt));
  const float level = tint * (1 - 0.6f * joints) + 0.16f * grain(p.s, p.t, 9, p.footprint, noise_ + 5);
  return paving_ * level;
}

Colour Ground::kerb(const Place& p) const {
  const float joints = std::max(pulses(p.s, 1.0f, 0.06f, p.ds), pulses(p.t + 100, 1.0f, 0.06f, p.dt) * 0.5f);
  return kerb_ * (1 - 0.5f * joints + 0.2f * grain(p.s, p.t, 12, p.footprint, noise_ + 6));
}

// Upright strokes, dark at the root and bright at the tip; -0.5..0.5. `density` strokes a metre.
float Ground::blades(const Place& p, float density, uint32_t noise) {
  const float cells = density * p.footprint;
  if (cells > 2) return 0;
  const float lean = 0.6f * (value_noise(p.t * 1.7f, p.s * 0.8f, noise) - 0.5f);
  const float across = (p.t + lean * p.s * 0.2f) * density;
  const int column = floor_to_int(across);
  const float along = p.s * density * 0.3f + cell_value(column, 0, noise) * 7;
  const int row = floor_to_int(along);
  const float tip = along - static_cast<float>(row);
  return (0.6f * cell_value(column, row, noise + 1) + 0.4f * tip - 0.5f) / (1 + square(1.5f * cells));
}

Colour Ground::grass(const Place& p) const {
  const float fine = blades(p, 16, noise_ + 7) + blades(p, 9, noise_ + 11);
  const float coarse = grain(p.t, p.s * 0.6f, 2.5f, p.footprint, noise_ + 8);
  const float meadow = value_noise(p.t * 0.35f, p.s * 0.22f, noise_ + 9);
  const Colour green = mix(leaf_, straw_, smooth_step(0.35f, 0.7f, meadow + 0.8f * coarse));
  const float bare = smooth_step(0.72f, 0.85f, value_noise(p.t * 0.6f, p.s * 0.3f, noise_ + 10) + 0.2f * fine);
  return mix(green, soil_, bare) * std::max(0.2f, 1 + 0.55f * fine + 0.4f * coarse);
}

}  // namespace strata::scenes
