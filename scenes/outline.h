#pragma once
// Outlines of polygons in a picture or on a map, and the rows they fill.

#include "scenes/geometry.h"

#include <algorithm>
#include <vector>

namespace strata::scenes {

struct Point2 {
  float x = 0, y = 0;
};

struct CellRange {
  int begin, end;
};
// The cells of a row of `limit` cells whose centres lie in [low, high).
inline CellRange cells_between(float low, float high, int limit) {
  const auto first_from = [limit](float at) { return floor_to_int(std::clamp(at, 0.0f, static_cast<float>(limit)) + 0.5f); };
  return {first_from(low), first_from(high)};
}

// The outline as the camera sees it, cut at the near plane. Empty where all of it is behind.
inline std::vector<Point2> seen_outline(const std::vector<Vec3>& corners, const Camera& camera) {
  std::vector<Point2> outline;
  for (size_t i = 0; i < corners.size(); ++i) {
    const Vec3& a = corners[i];
    const Vec3& b = corners[(i + 1) % corners.size()];
    if (a.y >= kNearPlane) outline.push_back({camera.image_x(a), camera.image_y(a)});
    if ((a.y >= kNearPlane) != (b.y >= kNearPlane)) {
      Vec3 cut = mix(a, b, (kNearPlane - a.y) / (b.y - a.y));
      cut.y = kNearPlane;
      outline.push_back({camera.image_x(cut), camera.image_y(cut)});
    }
  }
  return outline;
}

// Calls fill_span(row, CellRange) for the cells of a height x width grid whose centres lie inside (even-odd rule).
template <typename FillSpan>
void fill_outline(const std::vector<Point2>& outline, int height, int width, FillSpan fill_span) {
  if (outline.size() < 3) return;
  const auto [low, high] = std::minmax_element(outline.begin(), outline.end(), [](Point2 a, Point2 b) { return a.y < b.y; });
  const CellRange rows = cells_between(low->y, high->y, height);
  std::vector<float> crossings;
  for (int row = rows.begin; row < rows.end; ++row) {
    const float y = static_cast<float>(row) + 0.5f;
    crossings.clear();
    for (size_t i = 0; i < outline.size(); ++i) {
      const Point2 a = outline[i], b = outline[(i + 1) % outline.size()];
      if ((a.y <= y) != (b.y <= y)) crossings.push_back(a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y)));
    }
    std::sort(crossings.begin(), crossings.end());
    for (size_t i = 1; i < crossings.size(); i += 2) {
      const CellRange cells = cells_between(crossings[i - 1], crossings[i], width);
      if (cells.begin < cells.end) fill_span(row, cells);
    }
  }
}

}  // namespace strata::scenes
