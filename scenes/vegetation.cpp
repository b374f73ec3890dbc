#include "scenes/dice.h"
#include "scenes/painters.h"
#include "scenes/texture.h"

namespace strata::scenes {

namespace {

// A tuft of leaves with a ragged rim: bright and dark leaves, gaps towards the edge.
Shader leaves(Colour colour, float radius, float leaf, uint32_t noise) {
  return [=](const SurfacePoint& p) -> Texel {
    const float off = std::sqrt(p.u * p.u + p.v * p.v) / radius;
    const float seen = 1 / (1 + square(p.du / leaf));
    const float clump = value_noise(p.u / leaf, p.v / leaf, noise);
    if (off > 0.72f && off + 0.45f * clump * seen > 1.0f) return {{}, 0, Cover::kNothing};
    const float glint = value_noise(p.u * 2.3f / leaf, p.v * 2.3f / leaf, noise + 1);
    const float lit = smooth_step(0.3f, 0.75f, glint) - 0.45f;  // leaves in the light against gaps between them
    const float level = 0.78f + 0.3f * p.v / radius + seen * (0.7f * (clump - 0.5f) + 0.75f * lit);
    return {colour * std::max(level, 0.12f)};
  };
}

Shader bark(Colour colour, uint32_t noise) {
  return [=](const SurfacePoint& p) { return Texel{colour * (1 + 0.8f * grain(p.u * 0.3f, p.v * 2, 9, p.du, noise))}; };
}

struct Crown {
  Vec3 centre;
  float radius, height_radius;
  int tufts;
};

void add_crown(ModelPen& pen, const Crown& crown, Colour colour, Dice& dice) {
  const float leaf = dice.real(0.15f, 0.24f);
  for (int tuft = 0; tuft < crown.tufts; ++tuft) {
    const float angle = dice.real(0, 2 * kPi);
    const float up = dice.real(-0.85f, 0.9f);
    const float out = std::sqrt(1 - up * up) * dice.real(0.35f, 0.85f);
    const Vec3 at = crown.centre +
                    Vec3{crown.radius * out * cosine(angle), crown.radius * out * sine(angle), crown.height_radius * 0.8f * up};
    const float radius = crown.radius * dice.real(0.3f, 0.46f);
    const float shade = mix(0.75f, 1.1f, 0.5f + 0.5f * up) * dice.real(0.85f, 1.15f);  // darker below
    pen.ball(at, radius, radius * 0.9f, leaves(colour * shade, radius, leaf, dice.noise_seed()));
  }
}

}  // namespace

void paint_tree(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kVegetation);
  const Colour wood = display(dice.real(70, 115), dice.real(58, 90), dice.real(42, 70));
  const float trunk = dice.real(1.9f, 3.2f);
  const float thick = dice.real(0.13f, 0.22f);
  const Shader skin = bark(wood, dice.noise_seed());
  pen.rod({0, 0, 0}, {0, 0, trunk + 0.8f}, thick * 1.2f, thick * 0.8f, skin);
  const float radius = dice.real(1.4f, 2.4f);
  const float height_radius = radius * dice.real(0.8f, 1.4f);
  const Crown crown{{0, 0, trunk + height_radius * 0.8f}, radius, height_radius, 26};
  for (const float side : {-1.0f, 1.0f}) {
    pen.rod({0, 0, trunk}, {side * radius * 0.4f, side * radius * 0.3f, trunk + height_radius}, thick * 0.6f, thick * 0.3f, skin);
  }
  add_crown(pen, crown, plant_colour(dice), dice);
}

void paint_conifer(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kVegetation);
  pen.rod({0, 0, 0}, {0, 0, 1.2f}, 0.15f, plain(display(85, 65, 50)));
  const Colour colour = plant_colour(dice) * 0.7f;
  const float height = dice.real(4, 8);
  const float radius = height * dice.real(0.2f, 0.28f);
  const float leaf = dice.real(0.14f, 0.2f);
  constexpr int kTiers = 7;
  for (int tier = 0; tier < kTiers; ++tier) {
    const float up = static_cast<float>(tier) / kTiers;
    const float size = radius * (1.05f - up);
    for (int tuft = 0; tuft < 4; ++tuft) {
      const float angle = dice.real(0, 2 * kPi);
      const Vec3 at{size * 0.5f * cosine(angle), size * 0.5f * sine(angle), 0.9f + up * height};
      pen.ball(at, size * 0.62f, size * 0.5f, leaves(colour * dice.real(0.8f, 1.2f), size * 0.62f, leaf, dice.noise_seed()));
    }
  }
}

void paint_hedge(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  ModelPen pen(model, object.pose, RawLabel::kVegetation);
  const Colour colour = plant_colour(dice);
  const float height = dice.real(0.9f, 2.2f);
  const float leaf = dice.real(0.15f, 0.24f);
  const float side = object.depth > 0 ? 1.0f : -1.0f;
  const float step = height * 0.45f;
  for (float x = step; x < object.length; x += step) {
    for (int tuft = 0; tuft < 2; ++tuft) {
      const float radius = height * dice.real(0.34f, 0.46f);
      const Vec3 at{x + dice.real(-0.2f, 0.2f), side * (0.6f + dice.real(-0.2f, 0.4f)),
                    height * (0.3f + 0.4f * static_cast<float>(tuft))};
      pen.ball(at, radius, radius, leaves(colour * dice.real(0.8f, 1.15f), radius, leaf, dice.noise_seed()));
    }
  }
}

// A far line of trees: one upright sheet with a ragged top.
void paint_woods(Model& model, const PlacedObject& object) {
  Dice dice(object.seed);
  const uint32_t noise = dice.noise_seed();
  const Colour colour = plant_colour(dice) * 0.8f;
  const float tallest = dice.real(9, 20);
  ModelPen pen(model, object.pose, RawLabel::kVegetation);
  pen.quad({}, {object.length, 0, 0}, {0, 0, tallest}, [=](const SurfacePoint& p) -> Texel {
    const float crowns =
        0.45f + 0.35f * cloud_noise(p.u / 9, 0.5f, 2, noise) + 0.35f * cloud_noise(p.u / 2.5f, p.v / 2.5f, 2, noise + 3);
    if (p.v > tallest * crowns) return {{}, 0, Cover::kNothing};
    return {colour * (0.35f + 1.1f * cloud_noise(p.u / 2.2f, p.v / 1.8f, 3, noise + 6) + 0.015f * p.v)};
  });
}

}  // namespace strata::scenes
