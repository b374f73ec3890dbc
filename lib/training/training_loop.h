#pragma once
// Step after step until the run is complete or told to stop.

#include "base/error.h"
#include "base/progress.h"
#include "comm/communicator.h"
#include "comm/stop.h"
#include "training/components.h"
#include "training/epoch_pace.h"
#include "training/journal.h"
#include "training/run_state.h"
#include "training/stop_reserve.h"
#include "training/trainer.h"

#include <cstdint>
#include <optional>
#include <string>

namespace strata {

// Where a loop runs. What is referred to must outlive it.
struct Surroundings {
  const Communicator& world;
  torch::Device device;
  const StopConditions& stop;
  Journal* journal;  // begun on rank 0, null elsewhere
};

class TrainingLoop {
 public:
  // Collective. The referenced objects must outlive the loop.
  TrainingLoop(const TrainingOptions& options, const Surroundings& surroundings, Components& components, const RunState& state);

  // Collective. kDone or kResume; throws the same error on every rank otherwise. Notes in the journal how it ended.
  ExitCode run();

 private:
  ExitCode run_steps();
  void take_step();
  void record_step(const StepOutcome& outcome, double lr, double begun);
  bool validation_due() const;
  bool validate();  // false: told to stop, the reason in stop_reason_
  bool told_to_stop();
  bool checkpoint_due() const;
  void commit();
  void note_commit(const std::optional<Committed>& committed);
  void finish_commit();  // and be sure that it is on disk
  void write_weights();
  void note_now(const char* doing);  // for the watchdog and the flight record
  void say_pace();                   // of the epoch that ends
  void say_forecast() const;         // how much of the run fits into this job
  ExitCode finish();
  ExitCode stop();
  void note_failure(const Error& error) noexcept;
  uint64_t epoch() const { return state_.step / steps_per_epoch_; }

  const TrainingOptions& options_;
  const Communicator& world_;
  Components& parts_;
  torch::Device device_;
  RunState state_, committed_;
  Journal* journal_;
  uint64_t steps_per_epoch_, total_steps_;
  bool loader_started_ = false;
  const StopConditions& stop_conditions_;
  StopReserve reserve_;
  std::string stop_reason_;
  double loader_waited_ = 0, gradients_waited_ = 0;  // seconds up to the step before
  EpochPace epoch_pace_;
  uint64_t first_step_;
  double loop_begun_ = 0;  // after the first step of this start, monotonic
  Progress progress_;
};

}  // namespace strata
