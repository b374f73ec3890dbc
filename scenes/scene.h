#pragma once
// A labelled street scene, drawn: what the demo learns from and the tests feed to the pipeline.

#include "image/image.h"

#include <cstdint>

namespace strata {

enum class SceneSplit : uint64_t { kTrain = 0, kVal = 1 };

struct SceneOptions {
  int height = 256, width = 512;  // px; each side from kMinSceneSide to kMaxSceneSide
  uint64_t seed = 1;
};

inline constexpr int kMinSceneSide = 32;
inline constexpr int kMaxSceneSide = 8192;

// ConfigError where a scene of this size cannot be drawn.
void check_scene_size(int height, int width);

// A frame (RGB) and its labels: one channel of the raw ids of the Cityscapes layout (scenes/raw_label.h), void pixels among them.
struct Scene {
  Image frame, labels;
};

// Draws scene `index` of a split. A pure function: the same bytes for the same (options, split, index) on one build, whatever the
// CPU, the thread or the scenes drawn before. The splits draw from different keys, so no training scene is a validation scene.
// ConfigError where the size is out of range. Costs 0.05-0.1 s of one core for 512x256 px and grows with the area.
Scene draw_scene(const SceneOptions& options, SceneSplit split, uint64_t index);

}  // namespace strata
