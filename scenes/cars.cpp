#include "scenes/painters.h"
#include "scenes/texture.h"
#include "scenes/vehicle_parts.h"

namespace strata::scenes {

namespace {

// Measures of a car, in metres; x runs from -length/2 (rear) to length/2 (front).
struct CarBody {
  float length = 4.2f, half_width = 0.9f, height = 1.45f;
  float belt = 0.92f;                          // where windows begin
  float bonnet = 0.78f;                        // height of its front edge
  float glass_rear = 0, glass_rear_top = 0;    // x where the rear window begins and where the roof ends
  float glass_front = 0, glass_front_top = 0;  // alike for the windscreen
  float wheel = 0.33f, axle_front = 0, axle_rear = 0;
  bool closed_rear_sides = false;  // a delivery van
  Colour paint, rim;
  float glint = 0.5f;

  Texel side(const SurfacePoint& p) const;
  Texel cabin_side(const SurfacePoint& p) const;
  Texel cabin_end(const SurfacePoint& p) const;
  Texel rear(const SurfacePoint& p) const;
  Texel front(const SurfacePoint& p) const;
};

CarBody choose_body(Dice& dice) {
  CarBody car;
  const float kind = dice.real(0, 1);
  car.length = dice.real(3.7f, 4.3f);
  float bonnet_share = 0.24f, rear_overhang = 0.06f, rear_slope = 0.3f;
  if (kind < 0.3f) {  // saloon
    car.length = dice.real(4.4f, 4.9f);
    rear_overhang = dice.real(0.7f, 0.95f);
    rear_slope = 0.65f;
  } else if (kind < 0.55f) {  // estate, off-roader
    car.length = dice.real(4.3f, 4.8f);
    car.height = dice.real(1.5f, 1.8f);
    car.belt = car.height * 0.62f;
    car.bonnet = car.belt - 0.12f;
    rear_slope = 0.2f;
  } else if (kind < 0.72f) {  // van
    car.length = dice.real(4.5f, 5.2f);
    car.height = dice.real(1.9f, 2.2f);
    car.belt = 1.1f;
    car.bonnet = 0.95f;
    bonnet_share = 0.15f;
    rear_slope = 0.06f;
    car.closed_rear_sides = dice.chance(0.5f);
  }
  const float half = car.length / 2;
  car.half_width = dice.real(0.86f, 0.95f);
  car.glass_rear = -half + rear_overhang;
  car.glass_rear_top = car.glass_rear + rear_slope;
  car.glass_front = half - bonnet_share * car.length;
  car.glass_front_top = car.glass_front - dice.real(0.55f, 0.8f);
  car.axle_front = half - 0.2f * car.length;
  car.axle_rear = -half + 0.19f * car.length;
  car.paint = paint_colour(dice);
  car.rim = display_grey(dice.real(110, 215));
  car.glint = dice.real(0.25f, 0.9f);
  return car;
}

Texel CarBody::side(const SurfacePoint& p) const {
  const float rise = (p.v - 0.25f) / (belt - 0.25f);
  Colour colour = paint * (0.72f + 0.4f * smooth_step(0.55f, 0.75f, rise) + 0.12f * inside(rise, 0.68f, 0.76f, 0.05f));
  const float middle = (glass_front + glass_rear) / 2;
  for (const float gap : {glass_front - 0.12f, middle, glass_rear + 0.35f}) {  // doors
    colour = mix(colour, display_grey(20), 0.75f * inside(p.u, gap - 0.018f, gap + 0.018f, p.du) * inside(rise, 0.1f, 2, p.dv));
  }
  const float handles =
      inside(p.u, middle + 0.08f, middle + 0.26f, p.du) + inside(p.u, glass_rear + 0.45f, glass_rear + 0.63f, p.du);
  colour = mix(colour, display_grey(40), handles * inside(p.v, belt - 0.17f, belt - 0.11f, p.dv));
  colour = mix(colour, display_grey(35), inside(p.v, -1, 0.34f, p.dv));  // sill
  colour = mix(colour, display_grey(12), std::max(wheel_arch(p, axle_front, wheel), wheel_arch(p, axle_rear, wheel)));
  const float lamps = inside(p.v, belt - 0.32f, belt - 0.12f, p.dv);
  colour = mix(colour, display(190, 25, 25), lamps * inside(p.u, -length, -length / 2 + 0.22f, p.du));
  return {mix(colour, display(240, 240, 225), lamps * inside(p.u, length / 2 - 0.3f, length, p.du))};
}

Texel CarBody::cabin_side(const SurfacePoint& p) const {
  const float rise = (p.v - belt) / (height - belt);
  const float rear = mix(glass_rear, glass_rear_top, rise) + 0.1f;
  const float front_edge = mix(glass_front, glass_front_top, rise) - 0.1f;
  const float middle = (glass_front + glass_rear) / 2;
  float pane = inside(p.u, closed_rear_sides ? middle : rear, front_edge, p.du) * inside(rise, 0.06f, 0.84f, p.dv * 2);
  for (const float pillar : {middle, glass_rear + 0.45f}) pane *= 1 - inside(p.u, pillar - 0.05f, pillar + 0.05f, p.du);
  return {mix(paint * 0.95f, window_glass(rise, glint), pane)};
}

// Windscreen and rear window.
Texel CarBody::cabin_end(const SurfacePoint& p) const {
  const float rise = (p.v - belt) / (height - belt);
  const float half = half_width - 0.16f - 0.14f * rise;
  const float pane = inside(std::abs(p.u), -1, half, p.du) * inside(rise, 0.06f, 0.9f, p.dv * 2);
  return {mix(paint * 0.9f, window_glass(rise, glint), pane)};
}

Texel CarBody::rear(const SurfacePoint& p) const {
  const float across = std::abs(p.u);
  Colour colour = paint * (0.75f + 0.35f * smooth_step(0.5f, 0.8f, p.v / belt));
  colour = mix(colour, display_grey(45), inside(p.v, -1, 0.45f, p.dv));  // bumper
  const float lamp = inside(across, half_width - 0.32f, half_width - 0.03f, p.du) * inside(p.v, belt - 0.33f, belt - 0.08f, p.dv);
  colour = mix(colour, display_grey(235), inside(across, -1, 0.26f, p.du) * inside(p.v, 0.5f, 0.62f, p.dv));
  return {mix(colour, display(215, 22, 25), lamp), 0.25f * lamp};
}

Texel CarBody::front(const SurfacePoint& p) const {
  const float across = std::abs(p.u);
  Colour colour = paint * 0.9f;
  const float grille = inside(across, -1, half_width * 0.55f, p.du) * inside(p.v, bonnet - 0.36f, bonnet - 0.14f, p.dv);
  colour = mix(colour, mix(display_grey(20), display_grey(110), pulses(p.v, 0.08f, 0.03f, p.dv)), grille);
  colour = mix(colour, display_grey(30), inside(p.v, -1, 0.38f, p.dv));
  const float lamp =
      inside(across, half_width * 0.6f, half_width - 0.05f, p.du) * inside(p.v, bonnet - 0.3f, bonnet - 0.12f, p.dv);
  colour = mix(colour, display_grey(235), inside(across, -1, 0.26f, p.du) * inside(p.v, 0.36f, 0.47f, p.dv));
  return {mix(colour, display(250, 248, 235), lamp), 0.3f * lamp};
}

}  // namespace

void paint_car(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const CarBody car = choose_body(dice);
  ModelPen pen(model, object.pose, RawLabel::kCar);
  const float half = car.length / 2, w = car.half_width;
  const Shader rear = [car](const SurfacePoint& p) { return car.rear(p); };
  const Shader front = [car](const SurfacePoint& p) { return car.front(p); };
  const Shader end = [car](const SurfacePoint& p) { return car.cabin_end(p); };
  const Shader lid = plain(car.paint * 1.05f);
  const Shader underside = plain(display_grey(15));
  const std::vector<HullPoint> body{
      {-half, 0.27f, w - 0.03f},      {-half + 0.04f, car.belt - 0.03f, w},  {car.glass_rear, car.belt, w},
      {car.glass_front, car.belt, w}, {half - 0.14f, car.bonnet, w - 0.02f}, {half, car.bonnet - 0.16f, w - 0.04f},
      {half, 0.27f, w - 0.05f}};
  const Shader body_rims[] = {rear, lid, lid, lid, front, front, underside};
  add_hull(
      pen, body, [car](const SurfacePoint& p) { return car.side(p); }, [&](size_t i) { return body_rims[i]; });
  const std::vector<HullPoint> cabin{{car.glass_rear, car.belt, w - 0.04f},
                                     {car.glass_rear_top, car.height, w - 0.2f},
                                     {car.glass_front_top, car.height, w - 0.2f},
                                     {car.glass_front, car.belt, w - 0.04f}};
  const Shader cabin_rims[] = {end, lid, end, {}};
  add_hull(
      pen, cabin, [car](const SurfacePoint& p) { return car.cabin_side(p); }, [&](size_t i) { return cabin_rims[i]; });
  for (const float x : {car.axle_front, car.axle_rear}) {
    for (const float side : {-1.0f, 1.0f}) add_wheel(pen, {x, side * (w + 0.01f), car.wheel, 0.2f}, car.rim);
  }
}

}  // namespace strata::scenes
