#pragma once
// main() of an MPI program: signals, command line, MPI, errors and exit code in the only order that works.

#include "base/error.h"
#include "comm/communicator.h"

#include <functional>

namespace strata {

struct MpiProgram {
  // Runs before MPI_Init: reads the command line. False: all is said (--help), the program ends with 0 without MPI.
  std::function<bool()> prepare;
  // Collective. Returns the same code on every rank.
  std::function<ExitCode(const Communicator&)> run;
};

// Installs the signal handlers, prepares, starts MPI, runs, ends MPI on all ranks and only then returns the exit code, which is
// the same on every rank. Errors are printed here, once. What `prepare` throws is agreed by all ranks where a launcher started
// several. An error of one rank alone in `run` (not thrown by agree()) ends the whole job with its code through MPI_Abort: the
// others may wait for it in a collective call.
//
//   int main(int argc, char** argv) {
//     std::optional<Options> options;
//     return strata::run_mpi_main(argc, argv, {[&] { return (options = parse(argc, argv)).has_value(); },
//                                              [&](const strata::Communicator& world) { return work(*options, world); }});
//   }
int run_mpi_main(int argc, char** argv, const MpiProgram& program);

}  // namespace strata
