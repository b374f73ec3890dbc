#pragma once
// The command line of strata-scenes.

#include "scenes/dataset_writer.h"

#include <filesystem>
#include <optional>

namespace strata {

struct ScenesCommand {
  ScenesOptions scenes;
  std::filesystem::path baseline;  // measure how far colour and row alone get on this folder instead of drawing; empty: draw
};

// As parse_training_options().
std::optional<ScenesCommand> parse_scenes_command(int argc, const char* const* argv);

}  // namespace strata
