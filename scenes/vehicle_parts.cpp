#include "scenes/vehicle_parts.h"

#include "scenes/texture.h"

namespace strata::scenes {

void add_hull(ModelPen& pen, const std::vector<HullPoint>& profile, const Shader& side,
              const std::function<Shader(size_t)>& rim) {
  for (const float sign : {-1.0f, 1.0f}) {
    std::vector<Vec3> corners;
    for (const HullPoint& p : profile) corners.push_back({p.x, sign * p.half_width, p.z});
    pen.outline(corners, {1, 0, 0}, {0, 0, 1}, side);
  }
  for (size_t i = 0; i < profile.size(); ++i) {
    const Shader shader = rim(i);
    if (!shader) continue;
    const HullPoint& a = profile[i];
    const HullPoint& b = profile[(i + 1) % profile.size()];
    const bool steep = std::abs(b.z - a.z) > 0.4f * std::abs(b.x - a.x);
    pen.outline({{a.x, a.half_width, a.z}, {a.x, -a.half_width, a.z}, {b.x, -b.half_width, b.z}, {b.x, b.half_width, b.z}},
                {0, 1, 0}, steep ? Vec3{0, 0, 1} : Vec3{1, 0, 0}, shader);
  }
}

void add_wheel(ModelPen& pen, const Wheel& wheel, Colour rim) {
  const float inwards = wheel.y > 0 ? -1.0f : 1.0f;
  ModelPen hub = pen.at(pen.pose().moved({wheel.x, wheel.y + inwards * wheel.width / 2, wheel.radius}));
  constexpr int kCorners = 14;
  std::vector<HullPoint> profile;
  for (int i = 0; i < kCorners; ++i) {
    const float angle = static_cast<float>(i) * (2 * kPi / kCorners);
    profile.push_back({wheel.radius * cosine(angle), wheel.radius * sine(angle), wheel.width / 2});
  }
  const Colour tyre = display_grey(28);
  const float radius = wheel.radius;
  const Shader face = [=](const SurfacePoint& p) {
    const float off = std::sqrt(p.u * p.u + p.v * p.v) / radius;
    const float blur = p.du / radius;
    const float star = std::abs(p.u * p.v) / (radius * radius);  // four spokes
    const Colour disc = mix(rim * 0.35f, rim, std::max(inside(off, -1, 0.22f, blur), saturate(1 - star * 9)));
    return Texel{mix(tyre, disc, inside(off, -1, 0.64f, blur))};
  };
  add_hull(hub, profile, face, [&](size_t) { return plain(tyre); });
}

Colour window_glass(float rise, float brightness) {
  return mix(display(22, 27, 33), display(165, 188, 205), saturate(brightness * (0.15f + 0.85f * rise)));
}

float wheel_arch(const SurfacePoint& p, float x, float radius) {
  const float off = std::sqrt(square(p.u - x) + square(p.v - radius));
  return inside(off, -1, radius * 1.18f, p.du);
}

}  // namespace strata::scenes
