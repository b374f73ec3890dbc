// A program to be started by mpi_main_test: does on its ranks what the first argument says.

#include "base/log.h"
#include "comm/agreement.h"
#include "comm/mpi_main.h"
#include "comm/placement.h"
#include "comm/stop.h"

#include <mpi.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace {

using namespace strata;

bool prepare(const std::string& what) {
  if (what == "bad-usage") throw UsageError("unknown option '--frobnicate'");
  if (what == "signal-early") raise(SIGTERM);
  return what != "help";
}

// MPI_Finalize begins with what was attached to MPI_COMM_SELF.
void raise_within_finalize() {
  const auto raise_signal = [](MPI_Comm, int, void*, void*) {
    raise(SIGTERM);
    log_warning("signalled within MPI_Finalize");
    return MPI_SUCCESS;
  };
  int key = MPI_KEYVAL_INVALID;
  MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, raise_signal, &key, nullptr);
  MPI_Comm_set_attr(MPI_COMM_SELF, key, nullptr);
}

ExitCode run(const std::string& what, const Communicator& world) {
  const bool last = world.rank() == world.size() - 1;
  if (what == "resume") return ExitCode::kResume;
  if (what == "placement") log_placement(world, fair_share_of_cores(world), "cpu");
  if (what == "crowded") log_placement(world, 10'000, "cpu");
  if (what == "agreed")
    agree(world, [&] {
      if (last) throw MissingInput("no shard");
    });
  if (what == "alone" && last) throw DataError("damaged sample");
  if (what == "bug" && last) throw std::logic_error("impossible");
  if (what == "signal-early" && world.max(int64_t{stop_signal()}) == SIGTERM) return ExitCode::kResume;
  if (what == "signal-late") raise_within_finalize();
  if (what == "dies" && last) raise(SIGKILL);
  if (what == "alone" || what == "bug" || what == "dies") world.barrier();  // the others wait here for ever
  if (what == "slow-exit" && last) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  if (what == "slow-exit") {
    log_warning("rank {} complete", world.rank());
    return ExitCode::kResume;
  }
  return ExitCode::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  return run_mpi_main(argc, argv, {[&] { return prepare(what); }, [&](const Communicator& world) { return run(what, world); }});
}
