#pragma once
// The life of MPI in a process: made first thing in main, before Torch or HDF5 do anything.

#include "comm/communicator.h"

#include <string>

namespace strata {

// How many tasks the launcher says it started, from the environment; 1 without a launcher. Read before MPI_Init, which sets some
// of these variables itself. The first that is set counts:
//   OMPI_COMM_WORLD_SIZE, PMI_SIZE   set by mpirun (and Slurm's PMI) for the ranks it starts: `mpirun -n 1` in a job of many
//   tasks is one task SLURM_STEP_NUM_TASKS             set by srun: `srun -n 1` likewise SLURM_NTASKS                     all
//   that a batch script has: a job of several tasks whose script starts the program without a launcher
int launched_tasks();

// MPI_Init_thread(MPI_THREAD_MULTIPLE) and MPI_Finalize. ConfigError (78) where the launcher started several tasks and MPI sees a
// world of one ("N copies of a one-rank job": launcher and MPI do not fit), or where the MPI library has no MPI_THREAD_MULTIPLE.
// Started without a launcher the world is one rank. Handlers of install_signal_handlers() (comm/stop.h) stay in place.
class MpiSession {
 public:
  MpiSession(int& argc, char**& argv);
  // Collective: waits for all ranks.
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  const Communicator& world() const { return world_; }

 private:
  Communicator world_;
};

// "Open MPI v4.1.4": the library in use. Needs no MpiSession.
std::string mpi_library_version();

}  // namespace strata
