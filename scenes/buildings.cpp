#include "scenes/dice.h"
#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

// The look of a house: a grid of windows, one row a storey.
struct Facade {
  float height = 0;
  float storey = 3;
  float bay = 2.5f;                               // one window each
  float window_low = 0.9f, window_high = 2.4f;    // above the storey's floor
  float window_left = 0.6f, window_right = 1.9f;  // within the bay
  Colour wall, trim, glass, roof, shop;
  bool shops = false;
  bool storey_lines = false;
  float shutters = 0;  // width beside each window, m
  uint32_t noise = 0;

  Texel at(const SurfacePoint& p) const;

 private:
  Texel ground_floor(const SurfacePoint& p) const;
  Colour pane(const SurfacePoint& p) const;
  Colour plaster(const SurfacePoint& p) const;
};

Facade choose_facade(Dice& dice, float length) {
  Facade facade;
  facade.storey = dice.real(2.8f, 3.5f);
  const int storeys = dice.whole(2, 6);
  facade.height = facade.storey * static_cast<float>(storeys) + dice.real(0.3f, 0.9f);
  const int bays = std::max(1, floor_to_int(length / dice.real(2.1f, 3.4f)));
  facade.bay = length / static_cast<float>(bays);
  const float half = facade.bay * dice.real(0.24f, 0.34f);
  facade.window_left = facade.bay / 2 - half;
  facade.window_right = facade.bay / 2 + half;
  facade.window_low = dice.real(0.6f, 1.0f);
  facade.window_high = facade.storey - dice.real(0.4f, 0.7f);
  facade.wall = masonry_colour(dice);
  facade.trim = mix(facade.wall, dice.chance(0.6f) ? display_grey(240) : display_grey(60), dice.real(0.5f, 0.9f));
  facade.glass = display(dice.real(25, 60), dice.real(35, 75), dice.real(45, 95));
  facade.roof =
      dice.chance(0.6f) ? display(dice.real(120, 175), dice.real(65, 95), dice.real(50, 75)) : display_grey(dice.real(60, 120));
  facade.shops = dice.chance(0.45f);
  facade.shop = paint_colour(dice);
  facade.storey_lines = dice.chance(0.5f);
  facade.shutters = dice.chance(0.25f) ? 0.28f : 0;
  facade.noise = dice.noise_seed();
  return facade;
}

Colour Facade::plaster(const SurfacePoint& p) const {
  const float footprint = std::max(p.du, p.dv);
  const float stain = cloud_noise(p.u * 0.35f, p.v * 0.2f, 2, noise) - 0.37f;
  return wall * (1 + 0.22f * stain + 0.07f * grain(p.u, p.v, 7, footprint, noise + 1));
}

// Panes differ: some reflect the sky, some have curtains.
Colour Facade::pane(const SurfacePoint& p) const {
  const int column = floor_to_int(p.u / bay), row = floor_to_int(p.v / storey);
  const float kind = cell_value(column, row, noise + 2);
  const float rise = fraction(p.v / storey);
  const Colour sky = mix(glass, display(170, 195, 215), 0.15f + 0.75f * kind * rise);
  if (kind < 0.82f) return sky;
  const float gap = std::abs(fraction(p.u / bay) - 0.5f) * bay;
  return mix(display(225, 215, 195), sky, inside(gap, -1, 0.2f, p.du));
}

Texel Facade::ground_floor(const SurfacePoint& p) const {
  const float in_bay = fraction(p.u / bay) * bay;
  const bool door = cell_value(floor_to_int(p.u / bay), 0, noise + 3) < 0.3f;
  const float low = door ? 0.0f : 0.55f;
  const float opening = inside(p.v, low, 2.35f, p.dv) * inside(in_bay, 0.25f, bay - 0.25f, p.du);
  Colour inside_shop = mix(glass, display(235, 205, 150), 0.5f * cell_value(floor_to_int(p.u / bay), 1, noise + 3));
  if (door) inside_shop = mix(inside_shop, shop, 1 - inside(std::abs(in_bay - bay / 2), 0.08f, 0.5f, p.du));
  Colour colour = mix(mix(plaster(p), trim, 0.35f), inside_shop, opening);
  const float stripe = pulses(p.u, 0.6f, 0.3f, p.du);
  return {mix(colour, mix(shop, trim, stripe), inside(p.v, 2.4f, 2.85f, p.dv))};
}

Texel Facade::at(const SurfacePoint& p) const {
  if (p.v > height - 0.45f) return {mix(trim, wall, 0.3f * pulses(p.u, 0.5f, 0.25f, p.du))};  // cornice
  if (shops && p.v < storey) return ground_floor(p);
  Colour colour = plaster(p);
  if (storey_lines) colour = mix(colour, trim, pulses(p.v, storey, 0.16f, p.dv));
  const auto columns = [&](float margin) {
    return pulses(p.u - window_left + margin, bay, window_right - window_left + 2 * margin, p.du);
  };
  const auto rows = [&](float margin) {
    return pulses(p.v - window_low + margin, storey, window_high - window_low + 2 * margin, p.dv);
  };
  if (shutters > 0) colour = mix(colour, shop, columns(shutters) * rows(0) * (1 - 0.3f * pulses(p.v, 0.14f, 0.05f, p.dv)));
  colour = mix(colour, trim, columns(0.12f) * rows(0.14f));
  const float glazed = columns(-0.02f) * rows(-0.02f);
  const float bar = pulses(p.u - bay / 2 + 0.04f, bay, 0.08f, p.du);
  return {mix(colour, pane(p), glazed * (1 - bar))};
}

void add_roof(ModelPen& pen, const Facade& facade, float length, float depth, bool pitched) {
  if (!pitched) {
    pen.quad({0, 0, facade.height}, {length, 0, 0}, {0, depth, 0}, plain(facade.roof));
    return;
  }
  const float rise = std::abs(depth) * 0.32f;
  const Facade look = facade;
  const Shader tiles = [look](const SurfacePoint& p) {
    const float courses = pulses(p.v, 0.34f, 0.09f, p.dv);
    const float tint =
        1 + 0.2f * (cell_value(floor_to_int(p.u / 0.3f), floor_to_int(p.v / 0.34f), look.noise + 4) - 0.5f) / (1 + 4 * p.dv);
    return Texel{look.roof * (tint * (1 - 0.45f * courses))};
  };
  pen.quad({0, -0.04f * depth, facade.height - 0.1f}, {length, 0, 0}, {0, depth * 0.54f, rise + 0.1f}, tiles);
  pen.quad({0, depth, facade.height}, {length, 0, 0}, {0, -depth * 0.5f, rise}, tiles);
  for (const float x : {0.0f, length}) {
    const std::vector<Vec3> gable{{x, 0, facade.height}, {x, depth, facade.height}, {x, depth / 2, facade.height + rise}};
    pen.outline(gable, {0, 1, 0}, {0, 0, 1}, plain(facade.wall));
  }
  const float chimney = 0.3f * length;
  pen.box({chimney, depth * 0.4f, facade.height}, {chimney + 0.7f, depth * 0.4f + 0.7f, facade.height + rise + 0.9f},
          {plain(facade.roof), plain(facade.roof), plain(facade.trim)});
}

}  // namespace

void paint_building(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const Facade front = choose_facade(dice, object.length);
  ModelPen pen(model, object.pose, RawLabel::kBuilding);
  const Vec3 up{0, 0, front.height};
  pen.quad({}, {object.length, 0, 0}, up, [front](const SurfacePoint& p) { return front.at(p); });
  Facade flank = front;
  flank.shops = false;
  flank.bay = std::abs(object.depth) / std::max(1, floor_to_int(std::abs(object.depth) / front.bay));
  const Shader side = [flank](const SurfacePoint& p) { return flank.at(p); };
  pen.quad({}, {0, object.depth, 0}, up, side);
  pen.quad({object.length, 0, 0}, {0, object.depth, 0}, up, side);
  add_roof(pen, front, object.length, object.depth, dice.chance(0.6f));
}

// Far blocks of houses: one upright sheet with a jagged top and dots for windows.
void paint_skyline(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const uint32_t noise = dice.noise_seed();
  const Colour base = masonry_colour(dice);
  const Colour window = display_grey(dice.real(60, 120));
  const float tallest = dice.real(18, 42);
  ModelPen pen(model, object.pose, RawLabel::kBuilding);
  pen.quad({}, {object.length, 0, 0}, {0, 0, tallest}, [=](const SurfacePoint& p) -> Texel {
    const int house = floor_to_int(p.u / 14);
    if (p.v > tallest * (0.3f + 0.7f * cell_value(house, 0, noise))) return {{}, 0, Cover::kNothing};
    const float windows = pulses(p.u, 3, 1.5f, p.du) * pulses(p.v, 3.2f, 1.7f, p.dv);
    return {mix(base * (0.6f + 0.6f * cell_value(house, 1, noise)), window, 0.7f * windows)};
  });
}

}  // namespace strata::scenes
