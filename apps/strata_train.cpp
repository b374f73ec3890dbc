// strata-train: trains a network on a dataset directory; the same command line again continues an interrupted run.

#include "comm/mpi_main.h"
#include "config/training_options.h"
#include "training/trainer.h"

#include <optional>

int main(int argc, char** argv) {
  std::optional<strata::TrainingOptions> options;
  return strata::run_mpi_main(argc, argv,
                              {.prepare = [&] { return (options = strata::parse_training_options(argc, argv)).has_value(); },
                               .run = [&](const strata::Communicator& world) { return strata::train(*options, world); }});
}
