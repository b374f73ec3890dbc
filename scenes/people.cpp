#include "scenes/people.h"

#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

Shader cloth(Colour colour) {
  return [colour](const SurfacePoint& p) { return Texel{colour * (1 + 0.2f * grain(p.u, p.v, 8, p.du, 77))}; };
}

// The joint between two bones of a limb that bends towards `bend`.
Vec3 joint(Vec3 from, Vec3 to, float bone, Vec3 bend) {
  const Vec3 middle = mix(from, to, 0.5f);
  const float half = length(to - from) / 2;
  return middle + unit(bend) * std::sqrt(std::max(0.0f, bone * bone - half * half));
}

void add_head(ModelPen& pen, Vec3 at, const Clothes& clothes, float scale) {
  pen.rod(at - Vec3{0.02f, 0, 0.2f * scale}, at, 0.055f * scale, plain(clothes.skin));
  pen.ball(at, 0.105f * scale, 0.135f * scale, plain(clothes.skin));
  pen.ball(at + Vec3{-0.035f, 0, 0.045f} * scale, 0.108f * scale, 0.115f * scale, plain(clothes.hair));
}

void add_leg(ModelPen& pen, Vec3 hip, Vec3 foot, const Clothes& clothes, float scale) {
  const Vec3 knee = joint(hip, foot, 0.45f * scale, {1, 0, 0.15f});
  pen.rod(hip, knee, 0.1f * scale, 0.075f * scale, cloth(clothes.legs));
  pen.rod(knee, foot, 0.075f * scale, 0.05f * scale, cloth(clothes.legs));
  pen.rod(foot + Vec3{-0.06f, 0, -0.02f}, foot + Vec3{0.14f, 0, -0.03f}, 0.05f * scale, plain(clothes.shoes));
}

void add_arm(ModelPen& pen, Vec3 shoulder, Vec3 hand, const Clothes& clothes, float scale) {
  const Vec3 elbow = joint(shoulder, hand, 0.3f * scale, {-1, 0, -0.4f});
  pen.rod(shoulder, elbow, 0.065f * scale, 0.052f * scale, cloth(clothes.top));
  pen.rod(elbow, hand, 0.052f * scale, 0.04f * scale, cloth(clothes.top));
  pen.ball(hand, 0.055f * scale, 0.055f * scale, plain(clothes.skin));
}

void add_torso(ModelPen& pen, Vec3 hip, Vec3 shoulder, const Clothes& clothes, float scale) {
  pen.rod(hip, shoulder, 0.15f * scale, 0.175f * scale, cloth(clothes.top));
  pen.rod(shoulder - Vec3{0, 0.17f, 0} * scale, shoulder + Vec3{0, 0.17f, 0} * scale, 0.085f * scale, cloth(clothes.top));
}

void add_luggage(ModelPen& pen, Dice& dice, float scale) {
  const float kind = dice.real(0, 1);
  const Colour colour = cloth_colour(dice);
  if (kind < 0.25f) {
    pen.ball(Vec3{-0.24f, 0, 1.22f} * scale, 0.16f * scale, 0.24f * scale, cloth(colour));
  } else if (kind < 0.45f) {
    pen.box(Vec3{-0.14f, 0.26f, 0.45f} * scale, Vec3{0.14f, 0.36f, 0.75f} * scale, {plain(colour), plain(colour), plain(colour)});
  }
}

}  // namespace

Clothes choose_clothes(Dice& dice) {
  Clothes clothes;
  clothes.skin = skin_colour(dice);
  clothes.hair = display_hsv(dice.real(0.03f, 0.12f), dice.real(0, 0.6f), dice.real(0.08f, 0.7f));
  clothes.top = cloth_colour(dice);
  clothes.legs = cloth_colour(dice) * dice.real(0.4f, 1.0f);
  clothes.shoes = display_grey(dice.real(20, 200));
  return clothes;
}

void paint_pedestrian(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kPerson);
  const Clothes clothes = choose_clothes(dice);
  const float scale = dice.chance(0.12f) ? dice.real(0.65f, 0.85f) : dice.real(0.92f, 1.1f);
  const float stride = dice.chance(0.3f) ? dice.real(0, 0.06f) : dice.real(0.12f, 0.33f) * dice.sign();
  const float lift = 0.06f * std::abs(stride);
  const Vec3 hip{0, 0, 0.93f * scale}, shoulder{0.02f, 0, 1.4f * scale};
  for (const float side : {-1.0f, 1.0f}) {
    const float step = side * stride * scale;
    add_leg(pen, hip + Vec3{0, side * 0.09f * scale, 0}, {step, side * 0.1f * scale, 0.08f + (step < 0 ? lift : 0)}, clothes,
            scale);
    const Vec3 hand{-step * 0.8f + 0.05f, side * 0.27f * scale, 0.83f * scale};
    add_arm(pen, shoulder + Vec3{0, side * 0.2f * scale, 0}, hand, clothes, scale);
  }
  add_torso(pen, hip, shoulder, clothes, scale);
  if (dice.chance(0.3f)) pen.rod(hip, {0, 0, 0.5f * scale}, 0.17f * scale, 0.24f * scale, cloth(clothes.top));  // coat, skirt
  add_head(pen, {0.03f, 0, 1.64f * scale}, clothes, scale);
  add_luggage(pen, dice, scale);
}

void add_rider(ModelPen& pen, const Seat& seat, const Clothes& clothes, Helmet helmet) {
  const auto to_side = [](Vec3 at, float side) { return Vec3{at.x, at.y * side, at.z}; };
  for (const float side : {-1.0f, 1.0f}) {
    const Vec3 foot = side < 0 ? seat.foot_right : seat.foot_left;
    add_leg(pen, seat.hip + Vec3{0, side * 0.1f, 0}, foot, clothes, 1);
    add_arm(pen, seat.shoulder + Vec3{0, side * 0.2f, 0}, to_side(seat.hand, side), clothes, 1);
  }
  add_torso(pen, seat.hip, seat.shoulder, clothes, 1);
  add_head(pen, seat.head, clothes, 1);
  if (helmet == Helmet::kNone) return;
  const Colour shell = clothes.shoes + clothes.top * 0.5f;
  const Shader striped = [shell](const SurfacePoint& p) {
    return Texel{mix(shell, display_grey(240), pulses(p.u + 1.02f, 0.12f, 0.05f, p.du))};
  };
  if (helmet == Helmet::kOpen) {
    pen.ball(seat.head + Vec3{-0.01f, 0, 0.07f}, 0.15f, 0.11f, striped);
    return;
  }
  pen.ball(seat.head, 0.165f, 0.18f, striped);
  pen.ball(seat.head + Vec3{0.07f, 0, 0.01f}, 0.12f, 0.07f, plain(display_grey(18)));  // visor
}

}  // namespace strata::scenes
