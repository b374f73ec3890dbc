#include "scenes/painters.h"
#include "scenes/people.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

// --- bicycles: two large spoked wheels, thin tubes

constexpr float kBicycleWheel = 0.35f;                 // radius, m
constexpr float kRearHub = -0.54f, kFrontHub = 0.54f;  // x
constexpr Vec3 kCrank{-0.06f, 0, 0.3f};
constexpr float kTube = 0.028f;  // stronger than real ones, to be seen

void add_spoked_wheel(ModelPen& pen, float x) {
  constexpr int kSegments = 16;
  const Shader rubber = plain(display_grey(24));
  const auto on_rim = [&](int i) {
    const float angle = static_cast<float>(i) * (2 * kPi / kSegments);
    return Vec3{x + kBicycleWheel * cosine(angle), 0, kBicycleWheel + kBicycleWheel * sine(angle)};
  };
  for (int i = 0; i < kSegments; ++i) pen.rod(on_rim(i), on_rim(i + 1), 0.03f, rubber);
  pen.veil({x - kBicycleWheel, 0, 0}, {2 * kBicycleWheel, 0, 0}, {0, 0, 2 * kBicycleWheel}, [](const SurfacePoint& p) -> Texel {
    const float dx = p.u - kBicycleWheel, dz = p.v - kBicycleWheel;
    const float off = std::sqrt(dx * dx + dz * dz);
    if (off > kBicycleWheel) return {{}, 0, Cover::kNothing};
    if (off < 0.05f || off > kBicycleWheel - 0.06f) return {display_grey(150)};
    // Eight spokes: along the axes and the diagonals.
    const float nearest =
        std::min(std::min(std::abs(dx), std::abs(dz)), 0.7071f * std::min(std::abs(dx + dz), std::abs(dx - dz)));
    if (nearest < 0.012f + 0.25f * p.du) return {display_grey(175)};
    return {{}, 0, Cover::kSeeThrough};
  });
}

void add_bicycle(ModelPen& pen, Dice& dice) {
  const Shader frame = plain(paint_colour(dice));
  const Shader black = plain(display_grey(28));
  add_spoked_wheel(pen, kRearHub);
  add_spoked_wheel(pen, kFrontHub);
  const Vec3 rear{kRearHub, 0, kBicycleWheel}, front{kFrontHub, 0, kBicycleWheel};
  const Vec3 saddle{-0.24f, 0, 0.88f}, neck_top{0.34f, 0, 0.88f}, neck_low{0.39f, 0, 0.7f};
  const Vec3 seat_joint = mix(kCrank, saddle, 0.8f);
  for (const auto& [from, to] : {std::pair{kCrank, saddle},
                                 {kCrank, neck_low},
                                 {dice.chance(0.6f) ? seat_joint : mix(kCrank, seat_joint, 0.4f), neck_low},
                                 {rear, kCrank},
                                 {rear, seat_joint},
                                 {neck_top, front}}) {
    pen.rod(from, to, kTube, frame);
  }
  pen.rod(saddle + Vec3{-0.1f, 0, 0.03f}, saddle + Vec3{0.14f, 0, 0.03f}, 0.06f, 0.035f, black);
  pen.rod(neck_top, neck_top + Vec3{0.02f, 0, 0.14f}, kTube, black);
  pen.rod({0.38f, -0.28f, 1.02f}, {0.38f, 0.28f, 1.02f}, kTube, black);
  pen.rod(kCrank + Vec3{0, -0.1f, 0.16f}, kCrank + Vec3{0, 0.1f, -0.16f}, 0.03f, black);
  if (dice.chance(0.35f)) {  // basket
    const Shader wicker = [](const SurfacePoint& p) {
      return Texel{display(150, 115, 70) * (0.6f + 0.6f * pulses(p.v, 0.08f, 0.04f, p.dv))};
    };
    pen.box({0.46f, -0.17f, 0.82f}, {0.76f, 0.17f, 1.06f}, {wicker, wicker, wicker});
  }
}

// --- motorcycles: fat tyres, an engine block, a tank, a fairing

constexpr float kMotorcycleWheel = 0.31f;
constexpr float kMotorcycleRear = -0.7f, kMotorcycleFront = 0.72f;

void add_fat_wheel(ModelPen& pen, float x) {
  constexpr int kSegments = 14;
  const Shader rubber = plain(display_grey(20));
  const float middle = kMotorcycleWheel - 0.08f;
  const auto on_ring = [&](int i) {
    const float angle = static_cast<float>(i) * (2 * kPi / kSegments);
    return Vec3{x + middle * cosine(angle), 0, kMotorcycleWheel + middle * sine(angle)};
  };
  for (int i = 0; i < kSegments; ++i) pen.rod(on_ring(i), on_ring(i + 1), 0.085f, rubber);
  for (const float y : {-0.04f, 0.04f}) {  // brake discs
    pen.quad({x - middle, y, kMotorcycleWheel - middle}, {2 * middle, 0, 0}, {0, 0, 2 * middle},
             [=](const SurfacePoint& p) -> Texel {
               const float off = std::sqrt(square(p.u - middle) + square(p.v - middle));
               if (off > middle) return {{}, 0, Cover::kNothing};
               return {mix(display_grey(45), display_grey(185), inside(off, 0.07f, 0.14f, p.du))};
             });
  }
}

void add_motorcycle(ModelPen& pen, Dice& dice) {
  const Colour colour = paint_colour(dice);
  const Shader paint = [colour](const SurfacePoint& p) { return Texel{colour * (1 + 1.2f * std::max(0.0f, p.v))}; };
  const Shader black = plain(display_grey(26));
  const Shader chrome = [](const SurfacePoint& p) { return Texel{display_grey(120 + 90 * pulses(p.v + 1, 0.1f, 0.05f, p.dv))}; };
  add_fat_wheel(pen, kMotorcycleRear);
  add_fat_wheel(pen, kMotorcycleFront);
  const Shader engine = [](const SurfacePoint& p) {
    return Texel{display_grey(60 + 110 * pulses(p.v, 0.07f, 0.035f, p.dv))};
  };  // cooling fins
  pen.box({-0.28f, -0.17f, 0.24f}, {0.28f, 0.17f, 0.62f}, {engine, engine, engine});
  pen.rod({-0.1f, 0, 0.8f}, {0.3f, 0, 0.84f}, 0.16f, 0.19f, paint);      // tank
  pen.rod({-0.72f, 0, 0.84f}, {-0.15f, 0, 0.76f}, 0.09f, 0.13f, black);  // seat
  pen.rod({-0.85f, 0, 0.82f}, {-0.55f, 0, 0.72f}, 0.09f, 0.12f, paint);  // tail
  for (const float y : {-0.09f, 0.09f}) pen.rod({0.46f, y, 0.92f}, {kMotorcycleFront, y, kMotorcycleWheel}, 0.045f, chrome);
  for (const float y : {-0.12f, 0.12f}) pen.rod({-0.2f, y, 0.4f}, {kMotorcycleRear, y, kMotorcycleWheel}, 0.05f, black);
  pen.rod({-0.1f, -0.2f, 0.28f}, {-0.95f, -0.22f, 0.42f}, 0.06f, 0.08f, chrome);  // exhaust
  pen.ball({0.56f, 0, 0.92f}, 0.2f, 0.24f, paint);                                // fairing
  pen.ball({0.7f, 0, 0.9f}, 0.1f, 0.1f, [](const SurfacePoint&) { return Texel{display(255, 250, 225), 0.5f}; });
  pen.ball({-0.93f, 0, 0.8f}, 0.07f, 0.06f, plain(display(210, 20, 20)));
  pen.rod({0.4f, -0.36f, 1.04f}, {0.4f, 0.36f, 1.04f}, 0.035f, black);
  for (const float y : {-0.42f, 0.42f}) pen.ball({0.42f, y, 1.16f}, 0.07f, 0.055f, black);                   // mirrors
  pen.rod({0.55f, 0, kMotorcycleWheel * 2 + 0.02f}, {0.9f, 0, kMotorcycleWheel * 2 - 0.06f}, 0.07f, paint);  // mudguard
}

}  // namespace

void paint_bicycle(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kBicycle);
  add_bicycle(pen, dice);
}

void paint_motorcycle(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kMotorcycle);
  add_motorcycle(pen, dice);
}

void paint_cyclist(Model& model, const PlacedObject& object) {
  paint_bicycle(model, object);
  Dice dice(mix64(object.seed));
  ModelPen pen(model, object.pose, RawLabel::kRider);
  const float angle = dice.real(0, 2 * kPi);
  const Vec3 pedal{0.16f * cosine(angle), 0.12f, 0.16f * sine(angle)};
  const Vec3 right = kCrank + Vec3{pedal.x, -pedal.y, pedal.z}, left = kCrank + Vec3{-pedal.x, pedal.y, -pedal.z};
  const float lean = dice.real(0, 0.18f);
  const Seat seat{{-0.22f, 0, 0.98f},
                  {0.05f + lean, 0, 1.45f - lean * 0.4f},
                  {0.14f + lean, 0, 1.7f - lean * 0.5f},
                  {0.36f, 0.26f, 1.06f},
                  right,
                  left};
  add_rider(pen, seat, choose_clothes(dice), dice.chance(0.65f) ? Helmet::kOpen : Helmet::kNone);
}

void paint_motorcyclist(Model& model, const PlacedObject& object) {
  paint_motorcycle(model, object);
  Dice dice(mix64(object.seed));
  ModelPen pen(model, object.pose, RawLabel::kRider);
  const Seat seat{{-0.35f, 0, 0.95f},    {-0.08f, 0, 1.42f},      {0.02f, 0, 1.66f},
                  {0.36f, 0.34f, 1.07f}, {-0.12f, -0.24f, 0.38f}, {-0.12f, 0.24f, 0.38f}};
  add_rider(pen, seat, choose_clothes(dice), Helmet::kFullFace);
}

}  // namespace strata::scenes
