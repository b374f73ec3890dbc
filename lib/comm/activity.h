#pragma once
// What this process is doing, for whoever watches it: written by the main thread, read from any. Local; costs nanoseconds.

#include <cstdint>

namespace strata {

struct Activity {
  const char* phase = "starting";
  uint64_t step = 0;
  double last_change = 0;     // monotonic: when a phase began, something moved in it, or a wait for other ranks began or ended
  bool waiting = false;       // for other ranks, in a collective call
  double waited_seconds = 0;  // for other ranks, up to now
};

// `phase`: a text that lives as long as the process ("loading").
void begin_phase(const char* phase, uint64_t step);

// Within a phase: something moved, as a file being written.
void note_movement();

Activity current_activity();

// For layers that wait for other ranks: the wait lasts from begin to end. Waits do not nest.
void begin_wait_for_ranks();
void end_wait_for_ranks();

class WaitForRanks {
 public:
  WaitForRanks() { begin_wait_for_ranks(); }
  ~WaitForRanks() { end_wait_for_ranks(); }
  WaitForRanks(const WaitForRanks&) = delete;
  WaitForRanks& operator=(const WaitForRanks&) = delete;
};

}  // namespace strata
