#include "scenes/shadow_map.h"

namespace strata::scenes {

namespace {

constexpr float kCell = 0.16f;   // m
constexpr float kLeft = -25.6f;  // x of the first column
constexpr int kWidth = 320;
constexpr int kHeight = 400;  // rows, from y = 0

constexpr float kReach = 38;  // m aside and, doubled, ahead: what stands further off (the horizon's sheets) casts nothing here

Vec3 position(const Polygon& polygon) { return polygon.corners[0]; }
Vec3 position(const Rod& rod) { return rod.from; }
Vec3 position(const Ball& ball) { return ball.centre; }

bool near_map(Vec3 place) { return std::abs(place.x) < kReach && place.y < 2 * kReach; }

float lowest(const Polygon& polygon) {
  float z = polygon.corners[0].z;
  for (const Vec3& corner : polygon.corners) z = std::min(z, corner.z);
  return z;
}
float lowest(const Rod& rod) { return std::min(rod.from.z, rod.to.z); }
float lowest(const Ball& ball) { return ball.centre.z - ball.height_radius; }

// Running mean over 2 radius + 1 cells, `stride` apart.
void blur_line(float* line, int count, int stride, int radius, std::vector<float>& copy) {
  copy.resize(count);
  for (int i = 0; i < count; ++i) copy[i] = line[static_cast<size_t>(i) * stride];
  const auto at = [&](int i) { return copy[std::clamp(i, 0, count - 1)]; };
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += at(i);
  for (int i = 0; i < count; ++i) {
    line[static_cast<size_t>(i) * stride] = sum / static_cast<float>(2 * radius + 1);
    sum += at(i + radius + 1) - at(i - radius);
  }
}

}  // namespace

ShadowMap::ShadowMap(const Model& model, const Options& options)
    : to_light_(options.to_light), shade_(static_cast<size_t>(kWidth) * kHeight, 0.0f) {
  const auto cast_all = [&](const auto& parts) {
    for (const auto& part : parts) {
      if (lowest(part) < options.ceiling && near_map(position(part))) cast(part);
    }
  };
  cast_all(model.polygons);
  cast_all(model.rods);
  cast_all(model.balls);
  const int radius = std::max(1, floor_to_int(options.blur + 0.5f));
  soften(radius);
  soften(radius);
}

Point2 ShadowMap::on_map(Vec3 point) const {
  const float reach = std::max(point.z, 0.0f) / to_light_.z;
  return {(point.x - to_light_.x * reach - kLeft) / kCell, (point.y - to_light_.y * reach) / kCell};
}

void ShadowMap::cast(const std::vector<Point2>& outline) {
  fill_outline(outline, kHeight, kWidth, [&](int row, CellRange cells) {
    std::fill(shade_.begin() + row * kWidth + cells.begin, shade_.begin() + row * kWidth + cells.end, 1.0f);
  });
}

void ShadowMap::cast(const Polygon& polygon) {
  std::vector<Point2> outline;
  for (const Vec3& corner : polygon.corners) outline.push_back(on_map(corner));
  cast(outline);
}

void ShadowMap::cast(const Rod& rod) {
  const Point2 a = on_map(rod.from), b = on_map(rod.to);
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float image_length = std::max(std::sqrt(dx * dx + dy * dy), 1e-3f);
  const float half = std::max(0.7f, std::max(rod.from_radius, rod.to_radius) / kCell);
  const float nx = -dy / image_length * half, ny = dx / image_length * half;
  const float ex = dx / image_length * half, ey = dy / image_length * half;
  cast({{a.x + nx - ex, a.y + ny - ey},
        {b.x + nx + ex, b.y + ny + ey},
        {b.x - nx + ex, b.y - ny + ey},
        {a.x - nx - ex, a.y - ny - ey}});
}

void ShadowMap::cast(const Ball& ball) {
  const Point2 centre = on_map(ball.centre);
  const float across = ball.radius / kCell;
  // Along the light the shadow of an upright ellipsoid is longer: by its height over the tangent of the sun's elevation.
  const float flat = std::sqrt(square(to_light_.x) + square(to_light_.y));
  const float longer = std::sqrt(square(ball.radius) + square(ball.height_radius * flat / to_light_.z)) / kCell;
  const float ux = flat > 1e-3f ? to_light_.x / flat : 0, uy = flat > 1e-3f ? to_light_.y / flat : 1;
  std::vector<Point2> outline;
  for (int corner = 0; corner < 10; ++corner) {
    const float angle = static_cast<float>(corner) * (2 * kPi / 10);
    const float along = longer * cosine(angle), aside = across * sine(angle);
    outline.push_back({centre.x + along * ux - aside * uy, centre.y + along * uy + aside * ux});
  }
  cast(outline);
}

void ShadowMap::soften(int radius) {
  std::vector<float> copy;
  for (int row = 0; row < kHeight; ++row) blur_line(&shade_[static_cast<size_t>(row) * kWidth], kWidth, 1, radius, copy);
  for (int column = 0; column < kWidth; ++column) blur_line(&shade_[column], kHeight, kWidth, radius, copy);
}

float ShadowMap::shade(float x, float y) const {
  const float mx = (x - kLeft) / kCell - 0.5f, my = y / kCell - 0.5f;
  if (mx < 0 || my < 0 || mx >= kWidth - 1 || my >= kHeight - 1) return 0;
  const int ix = static_cast<int>(mx), iy = static_cast<int>(my);
  const float fx = mx - static_cast<float>(ix), fy = my - static_cast<float>(iy);
  const float* cell = &shade_[static_cast<size_t>(iy) * kWidth + ix];
  return mix(mix(cell[0], cell[1], fx), mix(cell[kWidth], cell[kWidth + 1], fx), fy);
}

}  // namespace strata::scenes
