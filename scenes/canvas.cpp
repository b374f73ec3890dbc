#include "scenes/canvas.h"

#include <array>

namespace strata::scenes {

Canvas::Canvas(int height_px, int width_px)
    : height_(height_px * kSamplesPerSide),
      width_(width_px * kSamplesPerSide),
      samples_(static_cast<size_t>(height_) * width_),
      labels_(samples_.size(), RawLabel::kUnlabelled) {}

RawLabel Canvas::pixel_label(int y, int x) const {
  std::array<RawLabel, kSamplesPerSide * kSamplesPerSide> found;
  for (int i = 0; i < static_cast<int>(found.size()); ++i) {
    found[i] = label(y * kSamplesPerSide + i / kSamplesPerSide, x * kSamplesPerSide + i % kSamplesPerSide);
  }
  RawLabel winner = found[0];
  auto votes = std::count(found.begin(), found.end(), winner);
  for (const RawLabel candidate : found) {
    const auto count = std::count(found.begin(), found.end(), candidate);
    if (count > votes) {
      winner = candidate;
      votes = count;
    }
  }
  return winner;
}

Image Canvas::pixel_labels() const {
  Image labels(height_ / kSamplesPerSide, width_ / kSamplesPerSide, 1);
  for (int y = 0; y < labels.height; ++y) {
    for (int x = 0; x < labels.width; ++x) labels.at(y, x) = static_cast<uint8_t>(pixel_label(y, x));
  }
  return labels;
}

}  // namespace strata::scenes
