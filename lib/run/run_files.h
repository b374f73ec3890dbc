#pragma once
// Where things stand in a run directory.

#include <filesystem>

namespace strata {

struct RunFiles {
  explicit RunFiles(const std::filesystem::path& run);

  std::filesystem::path directory;
  std::filesystem::path config;                      // config.ini, the whole configuration of the newest start
  std::filesystem::path record;                      // run.json
  std::filesystem::path metrics;                     // metrics.csv
  std::filesystem::path timing;                      // timing.csv
  std::filesystem::path log;                         // train.log, all starts
  std::filesystem::path flight;                      // flight.txt, the last steps (run/flight_record.h)
  std::filesystem::path events;                      // tensorboard/
  std::filesystem::path checkpoints;                 // checkpoints/
  std::filesystem::path last_weights, best_weights;  // weights/{last,best}.safetensors
};

// Creates the directory or makes sure that it is one of ours: empty, with nothing but a scheduler's output files (*.out, *.err,
// *.log), or begun by an earlier start. CannotCreate (73) otherwise, and where it cannot be written to.
void require_run_directory(const RunFiles& files);

// Removes temporaries that a killed start left beside their targets. For the owner of the directory.
void remove_temporaries(const RunFiles& files);

}  // namespace strata
