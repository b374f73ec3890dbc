#pragma once
// Scenes drawn for a test, on all cores.

#include "scenes/scene.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace strata::testing {

inline std::vector<Scene> drawn_scenes(const SceneOptions& options, SceneSplit split, size_t count) {
  std::vector<Scene> scenes(count);
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (size_t k = next++; k < count; k = next++) scenes[k] = draw_scene(options, split, k);
    });
  }
  threads.clear();  // joins
  return scenes;
}

}  // namespace strata::testing
