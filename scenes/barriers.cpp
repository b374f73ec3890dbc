#include "scenes/dice.h"
#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

struct Masonry {
  Colour stone, mortar;
  float course = 0.3f, stone_length = 0.6f;  // m
  float unevenness = 0.3f;                   // tint from stone to stone
  uint32_t noise = 0;

  Texel at(const SurfacePoint& p) const {
    const int row = floor_to_int(p.v / course);
    const float u = p.u + (row & 1 ? stone_length / 2 : 0.0f) + 50 * stone_length;
    const int column = floor_to_int(u / stone_length);
    const float joint = 0.05f + 0.08f * course;
    const float joints = std::max(pulses(p.v, course, joint, p.dv), pulses(u, stone_length, joint, p.du));
    const float seen = 1 / (1 + square(1.5f * p.du / stone_length) + square(1.5f * p.dv / course));
    const float tint = 1 + unevenness * (cell_value(column, row, noise) - 0.5f) * 2 * seen;
    const float rough = 1 + 0.25f * grain(p.u, p.v, 9, std::max(p.du, p.dv), noise + 1);
    return {mix(stone * (tint * rough), mortar, joints)};
  }
};

Masonry choose_masonry(Dice& dice) {
  Masonry masonry;
  masonry.stone = masonry_colour(dice);
  masonry.mortar = dice.chance(0.6f) ? masonry.stone * dice.real(0.3f, 0.5f) : mix(masonry.stone, display_grey(235), 0.75f);
  masonry.course = dice.real(0.26f, 0.42f);
  masonry.stone_length = masonry.course * dice.real(1.7f, 2.3f);
  masonry.unevenness = dice.real(0.2f, 0.45f);
  masonry.noise = dice.noise_seed();
  return masonry;
}

// Bars of a fence; kSeeThrough between them.
struct Bars {
  enum class Style { kRailing, kPickets, kLattice } style = Style::kRailing;
  Colour colour;
  float height = 1.5f, length = 10;
  float spacing = 0.24f, thickness = 0.06f;

  float covered(const SurfacePoint& p) const {
    const float rails = std::max(inside(p.v, 0.12f, 0.22f, p.dv), inside(p.v, height - 0.2f, height - 0.1f, p.dv));
    switch (style) {
      case Style::kRailing:
        return std::max(rails, pulses(p.u, spacing, thickness, p.du));
      case Style::kPickets:
        return std::max(rails, pulses(p.u, spacing, 0.55f * spacing, p.du));
      case Style::kLattice:
        break;
    }
    const float step = p.du + p.dv, diagonal = 1.4f * spacing;
    const float mesh =
        std::max(pulses(p.u + p.v, diagonal, 1.4f * thickness, step), pulses(p.u - p.v + 20, diagonal, 1.4f * thickness, step));
    return std::max(rails, mesh);
  }

  Texel at(const SurfacePoint& p) const {
    if (style == Style::kPickets) {  // pointed tops
      const float from_middle = std::abs(fraction(p.u / spacing) * spacing - 0.275f * spacing);
      if (p.v > height - from_middle * 1.5f) return {{}, 0, Cover::kNothing};
    }
    if (covered(p) < 0.45f) return {{}, 0, Cover::kSeeThrough};
    return {colour * (0.85f + 0.3f * inside(fraction(p.u / spacing) * spacing, 0, thickness / 2, p.du))};
  }
};

Bars choose_bars(Dice& dice, float length) {
  Bars bars;
  const Bars::Style styles[] = {Bars::Style::kRailing, Bars::Style::kPickets, Bars::Style::kLattice};
  bars.style = dice.pick(styles);
  bars.colour = metal_colour(dice);
  bars.height = dice.real(1.4f, 2.5f);
  bars.length = length;
  bars.spacing = dice.real(0.24f, 0.36f);
  bars.thickness = dice.real(0.07f, 0.1f);
  return bars;
}

}  // namespace

void paint_wall(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const Masonry masonry = choose_masonry(dice);
  const float height = dice.real(1.6f, 3.3f);
  const float thickness = object.depth > 0 ? 0.4f : -0.4f;
  const Shader stones = [masonry](const SurfacePoint& p) { return masonry.at(p); };
  const Colour coping = mix(masonry.stone, display_grey(215), 0.6f);
  const Shader cap = [coping](const SurfacePoint& p) { return Texel{coping * (1 - 0.5f * pulses(p.u, 1.2f, 0.07f, p.du))}; };
  ModelPen pen(model, object.pose, RawLabel::kWall);
  pen.box({0, 0, 0}, {object.length, thickness, height}, {stones, stones, cap});
  pen.box({0, -0.2f * thickness, height}, {object.length, 1.2f * thickness, height + 0.16f}, {cap, cap, cap});
  if (!dice.chance(0.5f)) return;
  for (float x = 0; x <= object.length; x += object.length / 3) {  // pillars
    pen.box({x - 0.3f, -0.3f * thickness, 0}, {x + 0.3f, thickness, height + 0.4f}, {stones, stones, cap});
  }
}

void paint_fence(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const Bars bars = choose_bars(dice, object.length);
  ModelPen pen(model, object.pose, RawLabel::kFence);
  pen.veil({}, {object.length, 0, 0}, {0, 0, bars.height}, [bars](const SurfacePoint& p) { return bars.at(p); });
  const int fields = std::max(1, floor_to_int(object.length / 2.4f + 0.5f));
  for (int post = 0; post <= fields; ++post) {
    const float x = object.length * static_cast<float>(post) / static_cast<float>(fields);
    pen.rod({x, 0, 0}, {x, 0, bars.height + 0.08f}, 0.07f, plain(bars.colour));
  }
}

}  // namespace strata::scenes
