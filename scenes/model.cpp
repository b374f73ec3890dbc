#include "scenes/model.h"

#include <utility>

namespace strata::scenes {

Polygon ModelPen::parallelogram(Vec3 corner, Vec3 across, Vec3 up, Shader shader) const {
  const Vec3 origin = pose_.at(corner);
  const Vec3 u = pose_.direction(across);
  const Vec3 v = pose_.direction(up);
  return {{origin, origin + u, origin + u + v, origin + v}, origin, unit(u), unit(v), label_, std::move(shader)};
}

void ModelPen::quad(Vec3 corner, Vec3 across, Vec3 up, Shader shader) {
  model_.polygons.push_back(parallelogram(corner, across, up, std::move(shader)));
}

void ModelPen::veil(Vec3 corner, Vec3 across, Vec3 up, Shader shader) {
  model_.veils.push_back(parallelogram(corner, across, up, std::move(shader)));
}

void ModelPen::outline(const std::vector<Vec3>& corners, Vec3 u_axis, Vec3 v_axis, Shader shader) {
  Polygon polygon{{}, pose_.origin, pose_.direction(u_axis), pose_.direction(v_axis), label_, std::move(shader)};
  for (const Vec3& corner : corners) polygon.corners.push_back(pose_.at(corner));
  model_.polygons.push_back(std::move(polygon));
}

void ModelPen::box(Vec3 low, Vec3 high, const BoxShaders& shaders) {
  const Vec3 size = high - low;
  const Vec3 up{0, 0, size.z};
  quad(low, {size.x, 0, 0}, up, shaders.side);
  quad({low.x, high.y, low.z}, {size.x, 0, 0}, up, shaders.side);
  quad(low, {0, size.y, 0}, up, shaders.ends);
  quad({high.x, low.y, low.z}, {0, size.y, 0}, up, shaders.ends);
  quad({low.x, low.y, high.z}, {size.x, 0, 0}, {0, size.y, 0}, shaders.top);
}

void ModelPen::rod(Vec3 from, Vec3 to, float from_radius, float to_radius, Shader shader) {
  model_.rods.push_back({pose_.at(from), pose_.at(to), from_radius, to_radius, label_, std::move(shader)});
}

void ModelPen::ball(Vec3 centre, float radius, float height_radius, Shader shader) {
  model_.balls.push_back({pose_.at(centre), radius, height_radius, label_, std::move(shader)});
}

}  // namespace strata::scenes
