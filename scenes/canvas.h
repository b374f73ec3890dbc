#pragma once
// The samples of a picture while it is drawn: 2x2 of them a pixel.

#include "image/image.h"
#include "scenes/colour.h"
#include "scenes/raw_label.h"

#include <cstddef>
#include <vector>

namespace strata::scenes {

inline constexpr int kSamplesPerSide = 2;

struct Sample {
  Colour colour;
  float depth = kNothingDrawn;  // m along the view axis
  static constexpr float kNothingDrawn = 1e9f;
};

class Canvas {
 public:
  Canvas(int height_px, int width_px);

  int height() const { return height_; }  // in samples
  int width() const { return width_; }
  Sample& sample(int y, int x) { return samples_[offset(y, x)]; }
  const Sample& sample(int y, int x) const { return samples_[offset(y, x)]; }
  RawLabel& label(int y, int x) { return labels_[offset(y, x)]; }
  RawLabel label(int y, int x) const { return labels_[offset(y, x)]; }

  // The class that most samples of a pixel have; among equals the one that is met first. Labels are never blended.
  Image pixel_labels() const;

 private:
  size_t offset(int y, int x) const { return static_cast<size_t>(y) * width_ + x; }
  RawLabel pixel_label(int y, int x) const;

  int height_, width_;
  std::vector<Sample> samples_;
  std::vector<RawLabel> labels_;
};

}  // namespace strata::scenes
