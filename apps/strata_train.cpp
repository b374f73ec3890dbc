// strata-train: trains a network on a dataset directory; the same command line again continues an interrupted run.

#include "comm/mpi_main.h"
#include "comm/watchdog.h"
#include "config/training_options.h"
#include "config/version.h"
#include "training/trainer.h"

#include <optional>

int main(int argc, char** argv) {
  std::optional<strata::TrainingOptions> options;
  const auto prepare = [&] {
    options = strata::parse_training_options(argc, argv);
    if (options) options->versions = strata::verbose_version_text();
    return options.has_value();
  };
  const auto run = [&](const strata::Communicator& world) {
    return strata::run_watched(world, options->watchdog, [&] { return strata::train(*options, world); });
  };
  return strata::run_mpi_main(argc, argv, {.prepare = prepare, .run = run});
}
