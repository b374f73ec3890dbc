#pragma once
// The command line of strata-preprocess.

#include "comm/stop.h"
#include "comm/watchdog.h"
#include "preprocess/conversion.h"

#include <optional>

namespace strata {

struct PreprocessCommand {
  ConversionOptions conversion;
  StopOptions stop;
  WatchdogOptions watchdog;
};

// As parse_training_options().
std::optional<PreprocessCommand> parse_preprocess_command(int argc, const char* const* argv);

}  // namespace strata
