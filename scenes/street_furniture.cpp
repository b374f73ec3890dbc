#include "scenes/dice.h"
#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

Shader metal(Colour colour) {
  return [colour](const SurfacePoint& p) { return Texel{colour * (1 + 0.12f * pulses(p.u, 0.9f, 0.12f, p.du))}; };
}

}  // namespace

void paint_lamp_post(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kPole);
  const Shader skin = metal(metal_colour(dice));
  const float height = dice.real(5, 7.5f);
  const float thick = dice.real(0.09f, 0.13f);
  pen.rod({0, 0, 0}, {0, 0, 0.9f}, thick * 1.6f, skin);
  pen.rod({0, 0, 0.9f}, {0, 0, height}, thick, thick * 0.7f, skin);
  const float reach = dice.real(0.9f, 1.8f);
  pen.rod({0, 0, height}, {reach, 0, height + 0.4f}, thick * 0.7f, skin);
  const Shader lamp = [](const SurfacePoint&) { return Texel{display_grey(235), 0.4f}; };
  pen.box({reach - 0.2f, -0.15f, height + 0.3f}, {reach + 0.6f, 0.15f, height + 0.46f}, {skin, skin, skin});
  pen.quad({reach - 0.15f, -0.1f, height + 0.29f}, {0.7f, 0, 0}, {0, 0.2f, 0}, lamp);
}

void paint_utility_pole(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kPole);
  const Shader skin =
      metal(dice.chance(0.5f) ? display(dice.real(95, 135), dice.real(80, 110), dice.real(60, 85)) : metal_colour(dice));
  const float height = dice.real(6, 9);
  pen.rod({0, 0, 0}, {0, 0, height}, 0.16f, 0.11f, skin);
  for (const float drop : {0.5f, 1.2f}) pen.rod({0, -0.9f, height - drop}, {0, 0.9f, height - drop}, 0.05f, skin);
}

void paint_bin(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kStatic);
  const Colour colour = paint_colour(dice);
  const Shader body = [colour](const SurfacePoint& p) { return Texel{colour * (1 - 0.3f * pulses(p.v, 0.3f, 0.05f, p.dv))}; };
  const float half = dice.real(0.22f, 0.35f);
  pen.box({-half, -half, 0.05f}, {half, half, dice.real(0.8f, 1.1f)}, {body, body, plain(colour * 0.6f)});
}

}  // namespace strata::scenes
