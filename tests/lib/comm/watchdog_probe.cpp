// A program to be started by watchdog_test: ranks that step together, one of which (the last argument) does what the first says.

#include "base/clock.h"
#include "base/log.h"
#include "comm/activity.h"
#include "comm/mpi_main.h"
#include "comm/watchdog.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace {

using namespace strata;

void sleep_seconds(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

void misbehave(const std::string& what, const Communicator& other) {
  std::printf("misbehaves at %.3f\n", monotonic_seconds());
  std::fflush(stdout);
  if (what == "dies") raise(SIGKILL);
  if (what == "stops") raise(SIGSTOP);
  if (what == "hangs") sleep_seconds(1000);
  if (what == "deadlocks") other.barrier();  // where nobody else is
}

ExitCode run(const std::string& what, int culprit, const Communicator& world) {
  WatchdogOptions options;
  options.stall_seconds = 5;
  options.beat_seconds = 0.25;
  options.straggler_seconds = 2;
  Watchdog watchdog(world, options);
  const Communicator other = world.duplicate();
  if (what == "suspended") std::ofstream("pid-" + std::to_string(world.rank())) << getpid() << std::endl;
  for (uint64_t step = 1; step <= 50; ++step) {
    begin_phase("loading", step);
    if (what == "slow" && world.rank() == culprit) sleep_seconds(0.2);
    if (step == 25 && world.rank() == culprit) misbehave(what, other);
    sleep_seconds(0.02);
    begin_phase("adding up", step);
    world.barrier();
    if (what == "suspended") sleep_seconds(0.1);
  }
  watchdog.finish();
  return ExitCode::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const int culprit = argc > 2 ? std::atoi(argv[2]) : -1;
  return run_mpi_main(argc, argv, {[] { return true; }, [&](const Communicator& world) { return run(what, culprit, world); }});
}
