// Preloaded into a program: counts what it sends by MPI and says so at the end, a line a kind of message on rank 0.
//
//   mpirun -n 2 -x LD_PRELOAD=build/release/bench/libmpi_traffic.so strata-train ...
//
// A line: function, size class (small: below 64 KiB), messages, bytes, seconds within. With STRATA_TRAFFIC_LATENCY=N it also
// times N sums of 100 doubles on all ranks when the program is done: "latency SECONDS".

#include <mpi.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int64_t kLarge = 64 << 10;

struct Kind {
  const char* function;
  std::array<std::atomic<int64_t>, 2> messages{}, bytes{}, nanoseconds{};  // small, large
};

Kind sums{"sum"}, overlapped_sums{"overlapped-sum"}, broadcasts{"broadcast"}, gathers{"gather"}, barriers{"barrier"},
    beats{"beat"};

template <typename Call>
int counted(Kind& kind, int64_t count, MPI_Datatype type, const Call& call) {
  int size = 0;
  PMPI_Type_size(type, &size);
  const size_t large = count * size >= kLarge;
  const double begun = PMPI_Wtime();
  const int result = call();
  kind.messages[large] += 1;
  kind.bytes[large] += count * size;
  kind.nanoseconds[large] += static_cast<int64_t>((PMPI_Wtime() - begun) * 1e9);
  return result;
}

void time_small_sums(int rounds) {
  std::array<double, 100> values{};
  const auto sum = [&] {
    PMPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  };
  for (int i = 0; i < rounds / 10; ++i) sum();
  const double begun = PMPI_Wtime();
  for (int i = 0; i < rounds; ++i) sum();
  std::fprintf(stderr, "mpi-traffic latency %.9f\n", (PMPI_Wtime() - begun) / rounds);
}

}  // namespace

extern "C" {

int MPI_Allreduce(const void* from, void* to, int count, MPI_Datatype type, MPI_Op operation, MPI_Comm comm) {
  return counted(sums, count, type, [&] { return PMPI_Allreduce(from, to, count, type, operation, comm); });
}

int MPI_Iallreduce(const void* from, void* to, int count, MPI_Datatype type, MPI_Op operation, MPI_Comm comm,
                   MPI_Request* request) {
  return counted(overlapped_sums, count, type, [&] { return PMPI_Iallreduce(from, to, count, type, operation, comm, request); });
}

int MPI_Bcast(void* values, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  return counted(broadcasts, count, type, [&] { return PMPI_Bcast(values, count, type, root, comm); });
}

int MPI_Allgather(const void* from, int count, MPI_Datatype type, void* to, int to_count, MPI_Datatype to_type, MPI_Comm comm) {
  return counted(gathers, count, type, [&] { return PMPI_Allgather(from, count, type, to, to_count, to_type, comm); });
}

int MPI_Barrier(MPI_Comm comm) {
  return counted(barriers, 0, MPI_BYTE, [&] { return PMPI_Barrier(comm); });
}

int MPI_Isend(const void* from, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request* request) {
  return counted(beats, count, type, [&] { return PMPI_Isend(from, count, type, to, tag, comm, request); });
}

int MPI_Finalize() {
  int rank = 0;
  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const char* rounds = std::getenv("STRATA_TRAFFIC_LATENCY");
  for (const Kind* kind : {&sums, &overlapped_sums, &broadcasts, &gathers, &barriers, &beats}) {
    for (size_t large : {0, 1}) {
      if (rank != 0 || kind->messages[large] == 0) continue;
      std::fprintf(stderr, "mpi-traffic %s %s %ld %ld %.6f\n", kind->function, large ? "large" : "small",
                   static_cast<long>(kind->messages[large]), static_cast<long>(kind->bytes[large]),
                   static_cast<double>(kind->nanoseconds[large]) * 1e-9);
    }
  }
  if (rounds) time_small_sums(std::atoi(rounds));
  return PMPI_Finalize();
}

}  // extern "C"
