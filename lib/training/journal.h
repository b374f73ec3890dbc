#pragma once
// What rank 0 keeps of a run: who owns the directory, where the run stands, its history, tables and checkpoints.

#include "base/error.h"
#include "base/owner_file.h"
#include "models/weight_file.h"
#include "run/flight_record.h"
#include "run/run_files.h"
#include "run/run_record.h"
#include "run/settings.h"
#include "training/checkpointer.h"
#include "training/run_state.h"
#include "training/run_tables.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace strata {

// What a start of a run can tell of it, for run.json and the weight files.
struct RunDescription {
  Settings platform;
  std::string resolved_config;  // INI
  std::string versions;         // a line each
  WeightDescription weights;    // without step
  std::string initial_sha256;   // of the weights by seed; empty in a continued run
  int64_t parameters = 0;
  uint64_t total_steps = 0;
  uint64_t steps_per_epoch = 0;
  uint64_t checkpoint_bytes = 0;
  double seconds_left = 0;  // of the job; infinity: no limit
  int samples_per_step = 0;
};

class Journal {
 public:
  // Owns the run directory while it lives; where another process took it over, whatever would write throws BusyError instead.
  // An earlier owner is watched for up to a minute: BusyError (69) where it lives, Error
  // with kResume where this process is told to stop meanwhile. CannotCreate.
  Journal(const std::filesystem::path& run, const CheckpointOptions& options);

  // The newest good checkpoint, or nothing in a new run. FormatError where all are damaged, ConfigError where the run was begun
  // with other settings than `immutable`.
  std::optional<Checkpoint> load_checkpoint(const Settings& immutable);

  // Makes sure that the disk has room for the run (IoError), opens this start in run.json, cuts the tables back to `state`, and
  // says what changed since the start before.
  void begin(const RunState& state, const RunDescription& description);

  // weights/last.safetensors, and best.safetensors where the last validation was the best; beside the caller, as commit().
  void write_weights(const RunState& state, const SegmentationModel& model);

  // Begins a commit (training/checkpointer.h). What comes of it is noted in run.json by poll_commit() and wait_commit(), which
  // give it where it was completed since the last call, and throw what went wrong.
  void commit(const RunState& state, const SegmentationModel& model, const Optimizer& optimizer);
  std::optional<Committed> poll_commit();
  std::optional<Committed> wait_commit();

  // Closes this start in run.json with the code that the process will end with. PeerLost (71) instead of kResume where this is
  // the third stop in a row that got no further.
  void end_stopped(const std::string& reason, const RunState& state);
  void end_complete(const RunState& state, int epochs);
  void end_failed(const Error& error, const RunState& state);  // nothing where the directory is no longer ours

  // After begin().
  RunTables& tables() { return *tables_; }
  FlightRecord& flight() { return *flight_; }
  RunRecord& record() { return record_; }
  Checkpointer& checkpointer() { return checkpointer_; }

 private:
  void log_changes(const RunState& state, const RunDescription& description);
  std::optional<Committed> noted(const std::optional<Committed>& committed);

  RunFiles files_;
  OwnerFile owner_;
  RunRecord record_;
  std::optional<RunTables> tables_;
  Checkpointer checkpointer_;  // its thread uses what stands above
  std::optional<FlightRecord> flight_;
  WeightDescription weights_;
  RunState begun_;  // where this start began
};

// Nothing, or that the run is complete for `epochs` epochs and its weights are there. Reads run.json only. ConfigError where it
// was begun with other settings than `immutable`.
std::optional<RunRecord::Completion> completed_run(const std::filesystem::path& run, int epochs, const Settings& immutable);

}  // namespace strata
