#include "scenes/scene.h"

#include "base/error.h"
#include "scenes/bonnet.h"
#include "scenes/canvas.h"
#include "scenes/film.h"
#include "scenes/ground.h"
#include "scenes/painters.h"
#include "scenes/rasteriser.h"
#include "scenes/shadow_map.h"
#include "scenes/sky.h"

#include <fmt/format.h>

namespace strata {

namespace scenes {
namespace {

Camera choose_camera(const Canvas& canvas, Dice& dice) {
  Camera camera;
  camera.focal = static_cast<float>(canvas.width()) * dice.real(0.55f, 0.8f);
  camera.centre_x = static_cast<float>(canvas.width()) * dice.real(0.4f, 0.6f);
  camera.horizon_y = static_cast<float>(canvas.height()) * dice.real(0.34f, 0.54f);
  camera.height = dice.real(1.25f, 2.3f);
  return camera;
}

// Sunlight and sky light on the ground among the parts of a model.
class GroundLight {
 public:
  GroundLight(const Model& model, const Light& light)
      : light_(light), shadows_(model, {light.to_sun, light.shadow_blur}), contact_(model, {{0, 0, 1}, 3, 1.2f}) {}

  Colour at(float x, float y) const {
    const float contact = smooth_step(0, 0.6f, contact_.shade(x, y));
    return light_.on({0, 0, 1}, 1 - shadows_.shade(x, y)) * (1 - 0.62f * contact);
  }

 private:
  Light light_;
  ShadowMap shadows_;
  ShadowMap contact_;  // under cars and feet it is dark under any sky
};

void draw_ground(Canvas& canvas, const Camera& camera, const Ground& ground, const GroundLight& ground_light,
                 const Light& light) {
  for (int y = std::max(0, floor_to_int(camera.horizon_y) + 1); y < canvas.height(); ++y) {
    const float below = static_cast<float>(y) + 0.5f - camera.horizon_y;
    const float depth = camera.focal * camera.height / below;
    const float dx = depth / camera.focal, dy = depth / below;
    for (int x = 0; x < canvas.width(); ++x) {
      Sample& sample = canvas.sample(y, x);
      if (sample.depth <= depth) continue;
      const float world_x = (static_cast<float>(x) + 0.5f - camera.centre_x) * dx;
      const Ground::Patch patch = ground.at(world_x, depth, dx, dy);
      sample = {light.through_haze(patch.colour * ground_light.at(world_x, depth), depth), depth};
      canvas.label(y, x) = patch.label;
    }
  }
}

void draw_sky(Canvas& canvas, const Camera& camera, const Sky& sky) {
  for (int y = 0; y < std::min(canvas.height(), floor_to_int(camera.horizon_y) + 1); ++y) {
    for (int x = 0; x < canvas.width(); ++x) {
      Sample& sample = canvas.sample(y, x);
      if (sample.depth < Sample::kNothingDrawn) continue;
      sample.colour = sky.at(camera.ray(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f));
      canvas.label(y, x) = RawLabel::kSky;
    }
  }
}

}  // namespace
}  // namespace scenes

void check_scene_size(int height, int width) {
  if (std::min(height, width) >= kMinSceneSide && std::max(height, width) <= kMaxSceneSide) return;
  throw ConfigError(fmt::format("cannot draw scenes of {}x{} px: each side must be from {} to {} px", width, height,
                                kMinSceneSide, kMaxSceneSide));
}

Scene draw_scene(const SceneOptions& options, SceneSplit split, uint64_t index) {
  using namespace scenes;
  check_scene_size(options.height, options.width);
  Dice dice(RandomKey{options.seed, static_cast<uint64_t>(split), index, Purpose::kScene});
  Canvas canvas(options.height, options.width);
  const Camera camera = choose_camera(canvas, dice);
  const Sky sky(dice);
  const Film film = choose_film(dice);
  const uint64_t ground_seed = dice.seed();
  const std::optional<Bonnet> bonnet = choose_bonnet(dice);
  const Layout layout = plan_layout(dice);

  Model model;
  for (const PlacedObject& object : layout.objects) paint(model, object);
  Rasteriser rasteriser(canvas, camera, sky.light());
  rasteriser.draw_solids(model);
  draw_ground(canvas, camera, Ground(layout, ground_seed), GroundLight(model, sky.light()), sky.light());
  draw_sky(canvas, camera, sky);
  rasteriser.draw_veils(model);
  if (bonnet) draw_bonnet(canvas, *bonnet);

  return {develop(canvas, film), canvas.pixel_labels()};
}

}  // namespace strata
