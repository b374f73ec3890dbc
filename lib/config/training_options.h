#pragma once
// The command line and configuration of strata-train.

#include "training/trainer.h"

#include <optional>

namespace strata {

// Filled options with resolved_config and immutable; nothing where --help, --version or --print-config was answered. Errors as
// read_options() (config/command_line.h); ConfigError also for values that do not fit each other. Local; needs neither MPI nor a
// device.
std::optional<TrainingOptions> parse_training_options(int argc, const char* const* argv);

}  // namespace strata
