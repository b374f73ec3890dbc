#pragma once
// Ranks watch each other: who stands still, or is gone without the launcher noticing, is named, and the job ends instead of
// waiting for ever. Who is only slow is named, too.
//
// A thread on every rank sends a small message a second to rank 0, which judges; rank 1 watches rank 0. A rank is the culprit
// where it is silent (stopped, node hung), or where its main thread has not moved while it was not waiting for others.

#include "base/error.h"
#include "comm/communicator.h"

#include <functional>
#include <memory>

namespace strata {

struct WatchdogOptions {
  double stall_seconds = 600;     // without any progress before the job is ended with 71; larger than the slowest single read or
                                  // write; 0: never
  double beat_seconds = 1;        // between two messages of a rank
  double straggler_ratio = 1.5;   // of a rank's working time in a step to the others' before it is named
  double straggler_seconds = 60;  // over which that is measured
};

class Watchdog {
 public:
  // Collective. Watches from here on; a world of one watches itself.
  Watchdog(const Communicator& comm, const WatchdogOptions& options);
  // Local: stops watching.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Collective, at the end of the work: no message is left behind.
  void finish();

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

// Collective. The work under a watchdog.
ExitCode run_watched(const Communicator& comm, const WatchdogOptions& options, const std::function<ExitCode()>& work);

}  // namespace strata
