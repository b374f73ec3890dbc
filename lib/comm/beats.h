#pragma once
// What rank 0 knows of the others from their beats, and what it makes of it. Pure: no MPI, no clock of its own.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace strata {

// One message; plain bytes, the same on every rank of a job.
struct Beat {
  int64_t rank = 0;
  uint64_t step = 0;
  double idle_seconds = 0;    // since the main thread last moved
  double run_seconds = 0;     // by the sender's monotonic clock
  double waited_seconds = 0;  // for other ranks, so far
  int64_t waiting = 0;        // for other ranks, now
  std::array<char, 48> phase{};
};

class Beats {
 public:
  // `hosts`: one a rank. `now`: of the watcher's monotonic clock, as everywhere below.
  Beats(std::vector<std::string> hosts, double now);

  void add(const Beat& beat, double now);
  // The watcher itself stood still: nobody is blamed for that time.
  void forgive(double now);

  // The sentence about who stands still for `seconds`, or nothing.
  std::optional<std::string> stalled(double seconds, double now) const;
  // About who is only silent: of ranks that send nothing else.
  std::optional<std::string> silent(int rank, double seconds, double now) const;

  // The sentence about a rank that works `ratio` times as long on a step as the others, since the last call that had enough steps
  // to tell; or nothing.
  std::optional<std::string> straggler(double ratio);

 private:
  struct Seen {
    Beat newest, window_begin;
    double at = 0;  // when the newest came
    bool window_open = false;
  };
  std::string name_of(int rank) const;

  std::vector<std::string> hosts_;
  std::vector<Seen> seen_;
};

}  // namespace strata
