#pragma once
// Reasons to stop early, each a small condition; one agreed decision at a step boundary.

#include "comm/communicator.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace strata {

// Handlers for USR1, USR2, TERM, INT and HUP that set a flag (first thing in main, before MPI_Init); SIGXFSZ and SIGPIPE are
// ignored so that write() reports instead. Repeated signals are harmless.
void install_signal_handlers();
// The first stop signal received by this process, or 0.
int stop_signal();

struct StopOptions {
  std::string time_limit;          // D-HH:MM:SS, H:MM:SS, MM:SS or SS from process start; empty: none
  std::string stop_at;             // UNIX seconds or ISO 8601 (local time; Z: UTC); empty: none
  double ask_again_seconds = 120;  // between two questions to squeue, which knows of `scontrol update TimeLimit=...`
};

// UNIX seconds of "1767225600", "2026-01-01T00:00:00" (local time) or "2026-01-01T00:00:00Z"; UsageError otherwise.
double parse_point_in_time(const std::string& text);

// Seconds in "D-HH:MM:SS", "H:MM:SS", "MM:SS" or "SS"; UsageError with the accepted forms otherwise.
double parse_duration(std::string_view text);

class StopConditions {
 public:
  // Collective. Root finds the limit in the first of: time_limit and stop_at (the earlier), SLURM_JOB_END_TIME (from
  // Slurm 23.02), squeue (comm/slurm_time_left.h), STRATA_END_TIME; and says once where it came from, or that there is none.
  // UsageError for options that cannot be read. Where the limit is Slurm's, squeue is asked again now and then, beside the work,
  // so that a change by `scontrol update` counts.
  StopConditions(const StopOptions& options, const Communicator& comm);

  // Collective. The reason to stop now ("signal 10 (User defined signal 1)", "time limit in 12 s"), the same on every rank, or
  // nothing. `reserve_seconds`: what stopping takes (last step, checkpoint); root's value counts.
  std::optional<std::string> reason_to_stop(double reserve_seconds) const;

  // Seconds left by the limit; infinity where there is none. Local; changes of Slurm's limit are seen by root alone. A time limit
  // is counted by the monotonic clock; the end of a job and stop_at are moments of the wall clock, and follow it where it is set.
  double seconds_left() const;

 private:
  class SlurmLimit;
  Communicator comm_;
  double monotonic_deadline_, unix_deadline_;
  std::shared_ptr<SlurmLimit> slurm_;  // on root, where the limit may change
};

}  // namespace strata
