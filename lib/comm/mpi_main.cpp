#include "comm/mpi_main.h"

#include "base/log.h"
#include "base/main.h"
#include "comm/agreement.h"
#include "comm/mpi_session.h"
#include "comm/stop.h"

#include <exception>

namespace strata {

namespace {

void show_rank_in_log(const Communicator& world) {
  LogOptions options = log_options();
  options.rank = world.rank();
  options.ranks = world.size();
  configure_log(options);
}

// An error that not all ranks share: nobody else knows, and no collective call can tell them.
[[noreturn]] void abort_job(const Communicator& world, const std::exception_ptr& error) {
  const Outcome outcome = outcome_of(error);
  log_error("{}. This rank ends the job", outcome.message);
  MPI_Abort(world.mpi(), static_cast<int>(outcome.code));
  std::_Exit(static_cast<int>(outcome.code));
}

ExitCode run_on_all(const Communicator& world, const MpiProgram& program, const std::exception_ptr& not_prepared) {
  try {
    agree(world, [&] {
      if (not_prepared) std::rethrow_exception(not_prepared);
    });
    const ExitCode code = program.run(world);
    return static_cast<ExitCode>(world.max(static_cast<int64_t>(code)));
  } catch (const Error& e) {
    if (world.size() > 1 && e.scope() == ErrorScope::kOneRank) abort_job(world, std::current_exception());
    if (world.is_root()) print_error(e.what());
    return e.code();
  } catch (...) {
    if (world.size() > 1) abort_job(world, std::current_exception());
    throw;
  }
}

}  // namespace

int run_mpi_main(int argc, char** argv, const MpiProgram& program) {
  install_signal_handlers();
  return run_main([&] {
    std::exception_ptr not_prepared;
    try {
      if (!program.prepare()) return ExitCode::kDone;
    } catch (...) {
      if (launched_tasks() == 1) throw;  // nobody to agree with: answer without starting MPI
      not_prepared = std::current_exception();
    }
    MpiSession session(argc, argv);
    install_signal_handlers();  // in case MPI set its own
    show_rank_in_log(session.world());
    return run_on_all(session.world(), program, not_prepared);
  });
}

}  // namespace strata
