#include "comm/activity.h"

#include "base/clock.h"

#include <atomic>

namespace strata {
namespace {

std::atomic<const char*> phase{"starting"};
std::atomic<uint64_t> step{0};
std::atomic<double> last_change{0};
std::atomic<double> waiting_since{0};  // 0: not waiting
std::atomic<double> waited{0};         // in waits that ended

}  // namespace

void begin_phase(const char* name, uint64_t at_step) {
  phase = name;
  step = at_step;
  last_change = monotonic_seconds();
}

void note_movement() { last_change = monotonic_seconds(); }

void begin_wait_for_ranks() {
  const double now = monotonic_seconds();
  waiting_since = now;
  last_change = now;
}

void end_wait_for_ranks() {
  const double begun = waiting_since.exchange(0), now = monotonic_seconds();
  if (begun == 0) return;
  waited = waited + (now - begun);
  last_change = now;
}

Activity current_activity() {
  const double since = waiting_since, now = monotonic_seconds();
  const double changed = last_change;
  return {phase, step, changed == 0 ? process_start_seconds() : changed, since != 0, waited + (since != 0 ? now - since : 0)};
}

}  // namespace strata
