#include "scenes/dice.h"
#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

constexpr float kHalfWidth = 0.24f;  // m
constexpr float kHeight = 1.4f;
constexpr float kDepth = 0.24f;

// The face of a head: three round lamps under one another, one of them lit. u runs across from the left edge, v up.
struct LampFace {
  Colour housing, rim;
  int lit = 0;  // 0 red, 1 amber, 2 green

  Texel at(const SurfacePoint& p) const {
    const float across = p.u - kHalfWidth;
    if (std::abs(across) > kHalfWidth - 0.04f || p.v < 0.04f || p.v > kHeight - 0.04f) return {rim};
    const int lamp = std::clamp(2 - floor_to_int(p.v / kHeight * 3), 0, 2);
    const float up = p.v - kHeight * (2.5f - static_cast<float>(lamp)) / 3;
    const float off = std::sqrt(across * across + up * up);
    const float disc = inside(off, -1, 0.18f, p.du);
    static constexpr Colour kLamps[] = {{1.0f, 0.07f, 0.05f}, {1.0f, 0.45f, 0.04f}, {0.05f, 0.9f, 0.42f}};
    const bool shines = lamp == lit;
    const Colour glass = kLamps[lamp] * (shines ? 1.0f : 0.1f);
    const float core = shines ? 0.5f * inside(off, -1, 0.06f, p.du) : 0;
    return {mix(housing, mix(glass, {1, 1, 0.9f}, core), disc), shines ? 0.95f * disc : 0.0f};
  }
};

LampFace choose_face(Dice& dice) {
  LampFace face;
  face.housing = display_grey(dice.real(15, 42));
  face.rim = dice.chance(0.4f) ? display_grey(dice.real(200, 245)) : face.housing * 1.8f;
  const int states[] = {0, 0, 1, 2, 2};
  face.lit = dice.pick(states);
  return face;
}

// A head hangs with its lower edge at `foot`, facing ahead.
void add_head(ModelPen& pole, Vec3 foot, const LampFace& face) {
  ModelPen pen = pole.as(RawLabel::kTrafficLight);
  const Shader body = plain(face.housing);
  pen.box(foot + Vec3{-kDepth / 2, -kHalfWidth, 0}, foot + Vec3{kDepth / 2, kHalfWidth, kHeight}, {body, body, body});
  pen.quad(foot + Vec3{kDepth / 2 + 0.02f, -kHalfWidth, 0}, {0, 2 * kHalfWidth, 0}, {0, 0, kHeight},
           [face](const SurfacePoint& p) { return face.at(p); });
  for (int lamp = 0; lamp < 3; ++lamp) {  // visors
    const float z = kHeight * (static_cast<float>(lamp) + 0.86f) / 3;
    pen.quad(foot + Vec3{kDepth / 2, -0.15f, z}, {0, 0.3f, 0}, {0.16f, 0, -0.03f}, body);
  }
}

}  // namespace

void paint_traffic_light(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kPole);
  const LampFace face = choose_face(dice);
  const Shader skin = plain(metal_colour(dice));
  const float foot = dice.real(2.0f, 2.6f);
  const bool over_the_road = dice.chance(0.35f);
  const float height = over_the_road ? dice.real(4.6f, 5.4f) : foot + kHeight + 0.1f;
  pen.rod({-0.12f, 0, 0}, {-0.12f, 0, height}, 0.09f, skin);
  add_head(pen, {0.1f, 0, foot}, face);
  if (!over_the_road) return;
  const float reach = dice.real(2.2f, 4.0f) * (object.depth < 0 ? -1.0f : 1.0f);
  pen.rod({-0.12f, 0, height}, {-0.12f, reach, height}, 0.08f, skin);
  add_head(pen, {0.1f, reach * 0.93f, height - kHeight - 0.1f}, face);
}

}  // namespace strata::scenes
