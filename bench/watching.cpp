// What watching costs by itself, where runs beside each other differ by more (bench/overhead.py): the flight record's lines of a
// step, and the processor time of a watchdog that has nothing to say.
//
//   mpirun -n 2 build/release/bench/watching

#include "base/clock.h"
#include "comm/activity.h"
#include "comm/mpi_session.h"
#include "comm/watchdog.h"
#include "dialogue.h"
#include "run/flight_record.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace {

constexpr uint64_t kSteps = 100'000;
constexpr double kWatchedSeconds = 20;

// As a training step does it.
double seconds_of_a_flight_step() {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / fmt::format("watching-{}.txt", getpid());
  strata::FlightRecord flight(file);
  const double begun = strata::monotonic_seconds();
  for (uint64_t step = 0; step < kSteps; ++step) {
    for (const char* doing : {"loading", "forward and backward"}) {
      strata::begin_phase(doing, step);
      flight.note_now(fmt::format("step {}, epoch {}, {}", step, step / 100, doing));
    }
    flight.note_step({step, step / 100, 0.25, 1.5, 2.5});
  }
  const double seconds = (strata::monotonic_seconds() - begun) / static_cast<double>(kSteps);
  std::filesystem::remove(file);
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  strata::MpiSession session(argc, argv);
  const strata::Communicator& world = session.world();
  if (world.is_root()) fmt::print("flight record and activity: {:.1f} us a step\n", 1e6 * seconds_of_a_flight_step());
  world.barrier();
  strata::Watchdog watchdog(world, {});
  const double begun = strata::seconds_on_cores();
  std::this_thread::sleep_for(std::chrono::duration<double>(kWatchedSeconds));
  const double used = strata::seconds_on_cores() - begun;
  watchdog.finish();
  for (const std::string& line :
       world.gather(fmt::format("watchdog of rank {}: {:.1f} us of a core a second", world.rank(), 1e6 * used / kWatchedSeconds)))
    fmt::print("{}\n", line);
}
