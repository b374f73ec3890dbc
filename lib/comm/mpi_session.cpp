#include "comm/mpi_session.h"

#include "base/error.h"
#include "base/log.h"
#include "base/process_info.h"

#include <cstdlib>

namespace strata {

namespace {

void start_mpi(int& argc, char**& argv) {
  int provided = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided) != MPI_SUCCESS) {
    throw ConfigError(
        "MPI_Init failed: the launcher and the MPI library do not fit. Start with the mpirun of the MPI that this program uses");
  }
  if (provided != MPI_THREAD_MULTIPLE) {
    MPI_Finalize();
    throw ConfigError(
        "the MPI library gives no MPI_THREAD_MULTIPLE, which overlapping gradients with the backward pass needs. Use an MPI "
        "built with it");
  }
}

}  // namespace

int launched_tasks() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"}) {
    if (const int tasks = std::atoi(environment(name).c_str()); tasks > 0) return tasks;
  }
  return 1;
}

MpiSession::MpiSession(int& argc, char**& argv) {
  const int launched = launched_tasks();
  start_mpi(argc, argv);
  world_ = Communicator::world();
  if (launched > 1 && world_.size() == 1) {
    MPI_Finalize();
    throw ConfigError(
        fmt::format("the launcher stands for {0} tasks, but MPI sees a world of one: this would be {0} copies of a one-rank job "
                    "writing the same files. "
                    "Start with 'srun --mpi=pmix' or 'mpirun'; for one rank on purpose use 'srun -n 1' or 'mpirun -n 1'",
                    launched));
  }
}

MpiSession::~MpiSession() { MPI_Finalize(); }

std::string mpi_library_version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string whole = text;  // `length` may count the end of the text
  return whole.substr(0, whole.find_first_of(",\n"));
}

}  // namespace strata
