#include "scenes/rasteriser.h"

#include "scenes/outline.h"

#include <algorithm>
#include <cstdint>

namespace strata::scenes {

namespace {

float nearest(const Polygon& polygon) {
  float nearest_y = Sample::kNothingDrawn;
  for (const Vec3& corner : polygon.corners) nearest_y = std::min(nearest_y, corner.y);
  return nearest_y;
}
float nearest(const Rod& rod) { return std::min(rod.from.y, rod.to.y); }
float nearest(const Ball& ball) { return ball.centre.y - ball.radius; }

// A polygon's plane and texture axes as seen from the camera: depth and u, v follow from a view ray by one division.
struct SeenPlane {
  Vec3 normal;         // unit, towards the camera
  float distance = 0;  // dot(normal, p) of its points
  Vec3 u_axis, v_axis;
  float u_origin = 0, v_origin = 0;
  float per_sample = 0;  // 1 / focal length

  SeenPlane(const Polygon& polygon, const Camera& camera) : u_axis(polygon.u_axis), v_axis(polygon.v_axis) {
    const Vec3 eye{0, 0, camera.height};
    const Vec3 first = polygon.corners[0] - eye;
    for (size_t i = 2; i < polygon.corners.size(); ++i) {  // Newell: robust where neighbouring corners fall together
      normal = normal + cross(polygon.corners[i - 1] - polygon.corners[0], polygon.corners[i] - polygon.corners[0]);
    }
    normal = unit(normal);
    if (dot(normal, first) > 0) normal = normal * -1;
    distance = dot(normal, first);
    u_origin = dot(polygon.origin - eye, u_axis);
    v_origin = dot(polygon.origin - eye, v_axis);
    per_sample = 1 / camera.focal;
  }

  bool edge_on() const { return distance > -1e-4f; }

  SurfacePoint point(Vec3 ray, float depth, float slope) const {
    const float ru = dot(ray, u_axis), rv = dot(ray, v_axis);
    const float step = depth * per_sample;
    const auto footprint = [&](Vec3 axis, float along_ray) {
      return step * (std::abs(axis.x - along_ray * normal.x / slope) + std::abs(axis.z - along_ray * normal.z / slope));
    };
    return {depth * ru - u_origin, depth * rv - v_origin, footprint(u_axis, ru), footprint(v_axis, rv)};
  }
};

}  // namespace

void Rasteriser::put(int y, int x, float depth, const Texel& texel, Vec3 normal, RawLabel label) {
  if (texel.cover == Cover::kNothing) return;
  canvas_.label(y, x) = label;
  if (texel.cover == Cover::kSeeThrough) return;
  const Colour lit = texel.colour * (light_.on(normal, 1) * (1 - texel.glow) + Colour{texel.glow, texel.glow, texel.glow});
  Sample& sample = canvas_.sample(y, x);
  sample.colour = light_.through_haze(lit, depth);
  sample.depth = depth;
}

void Rasteriser::draw(const Polygon& polygon) {
  const SeenPlane plane(polygon, camera_);
  if (plane.edge_on()) return;
  fill_outline(seen_outline(polygon.corners, camera_), canvas_.height(), canvas_.width(), [&](int y, CellRange columns) {
    for (int x = columns.begin; x < columns.end; ++x) {
      const Vec3 ray = camera_.ray(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
      const float slope = dot(plane.normal, ray);
      const float depth = plane.distance / slope;
      if (slope > -1e-6f || hidden(y, x, depth)) continue;
      put(y, x, depth, polygon.shader(plane.point(ray, depth, slope)), plane.normal, polygon.label);
    }
  });
}

void Rasteriser::draw(const Rod& rod) {
  if (nearest(rod) < kNearPlane) return;
  const float ax = camera_.image_x(rod.from), ay = camera_.image_y(rod.from);
  const float bx = camera_.image_x(rod.to), by = camera_.image_y(rod.to);
  // Never thinner than a sample, or far rods would break into dots.
  const float ra = std::max(rod.from_radius * camera_.focal / rod.from.y, 0.5f);
  const float rb = std::max(rod.to_radius * camera_.focal / rod.to.y, 0.5f);
  const float reach = std::max(ra, rb);
  const float dx = bx - ax, dy = by - ay;
  const float squared = std::max(dx * dx + dy * dy, 1e-6f);
  const float image_length = std::sqrt(squared);
  const float rod_length = length(rod.to - rod.from);
  const CellRange rows = cells_between(std::min(ay, by) - reach, std::max(ay, by) + reach, canvas_.height());
  const CellRange columns = cells_between(std::min(ax, bx) - reach, std::max(ax, bx) + reach, canvas_.width());
  for (int y = rows.begin; y < rows.end; ++y) {
    for (int x = columns.begin; x < columns.end; ++x) {
      const float px = static_cast<float>(x) + 0.5f - ax, py = static_cast<float>(y) + 0.5f - ay;
      const float along = saturate((px * dx + py * dy) / squared);
      const float ox = px - along * dx, oy = py - along * dy;
      const float radius = mix(ra, rb, along);
      const float off2 = (ox * ox + oy * oy) / (radius * radius);
      if (off2 >= 1) continue;
      const float facing = std::sqrt(1 - off2);
      const float metres = mix(rod.from_radius, rod.to_radius, along);
      const float depth = 1 / mix(1 / rod.from.y, 1 / rod.to.y, along) - metres * facing;
      if (hidden(y, x, depth)) continue;
      const float across = (px * dy - py * dx) / image_length / radius * metres;
      const float footprint = depth / camera_.focal;
      const Vec3 normal{ox / radius, -facing, -oy / radius};
      put(y, x, depth, rod.shader({along * rod_length, across, footprint, footprint}), normal, rod.label);
    }
  }
}

void Rasteriser::draw(const Ball& ball) {
  if (nearest(ball) < kNearPlane) return;
  const float cx = camera_.image_x(ball.centre), cy = camera_.image_y(ball.centre);
  const float scale = camera_.focal / ball.centre.y;
  const float rx = std::max(ball.radius * scale, 0.5f), ry = std::max(ball.height_radius * scale, 0.5f);
  const float footprint = 1 / scale;
  const CellRange rows = cells_between(cy - ry, cy + ry, canvas_.height());
  const CellRange columns = cells_between(cx - rx, cx + rx, canvas_.width());
  for (int y = rows.begin; y < rows.end; ++y) {
    const float v = (cy - static_cast<float>(y) - 0.5f) / ry;
    for (int x = columns.begin; x < columns.end; ++x) {
      const float u = (static_cast<float>(x) + 0.5f - cx) / rx;
      const float off2 = u * u + v * v;
      if (off2 >= 1) continue;
      const float facing = std::sqrt(1 - off2);
      const float depth = ball.centre.y - ball.radius * facing;
      if (hidden(y, x, depth)) continue;
      const Texel texel = ball.shader({u * ball.radius, v * ball.height_radius, footprint, footprint});
      put(y, x, depth, texel, {u, -facing, v}, ball.label);
    }
  }
}

void Rasteriser::draw_solids(const Model& model) {
  struct Part {
    float distance;
    uint32_t kind, index;
  };
  std::vector<Part> parts;
  for (uint32_t i = 0; i < model.polygons.size(); ++i) parts.push_back({nearest(model.polygons[i]), 0, i});
  for (uint32_t i = 0; i < model.rods.size(); ++i) parts.push_back({nearest(model.rods[i]), 1, i});
  for (uint32_t i = 0; i < model.balls.size(); ++i) parts.push_back({nearest(model.balls[i]), 2, i});
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.distance < b.distance; });
  for (const Part& part : parts) {
    switch (part.kind) {
      case 0:
        draw(model.polygons[part.index]);
        break;
      case 1:
        draw(model.rods[part.index]);
        break;
      default:
        draw(model.balls[part.index]);
    }
  }
}

void Rasteriser::draw_veils(const Model& model) {
  std::vector<const Polygon*> veils;
  for (const Polygon& veil : model.veils) veils.push_back(&veil);
  std::stable_sort(veils.begin(), veils.end(), [](const Polygon* a, const Polygon* b) { return nearest(*a) > nearest(*b); });
  for (const Polygon* veil : veils) draw(*veil);
}

}  // namespace strata::scenes
