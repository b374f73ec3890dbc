#pragma once
// A folder of drawn scenes in the Cityscapes layout:
//   leftImg8bit/{train,val}/<city>/<city>_NNNNNN_000019_leftImg8bit.png      RGB frames
//   gtFine/{train,val}/<city>/<city>_NNNNNN_000019_gtFine_labelIds.png       raw label ids
//   scenes.json                                                              the options that the folder was drawn with

#include "scenes/scene.h"

#include <cstdint>
#include <filesystem>

namespace strata {

struct ScenesOptions {
  std::filesystem::path output;
  int64_t train_count = 64;
  int64_t val_count = 16;
  int height = 256, width = 512;  // px
  uint64_t seed = 1;
  int threads = 0;  // scenes drawn at the same time; 0 = one per core. Does not change a byte.
};

struct ScenesWritten {
  int64_t drawn = 0;   // by this call
  int64_t found = 0;   // complete from an earlier call with the same options
  uint64_t bytes = 0;  // written by this call
};

// Draws what is missing and leaves what is there: an interrupted call is continued by the same call, and a finished one returns
// at once with drawn = 0. Files appear whole or not at all. CannotCreate where the folder holds something else, or scenes drawn
// with other options; IoError where the disk fails; ConfigError where counts or sizes are out of range.
ScenesWritten write_scenes(const ScenesOptions& options);

}  // namespace strata
