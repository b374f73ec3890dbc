// main() of tests that need a number of ranks: a world of another size than the test asked for fails, it is never skipped.

#include <gmock/gmock.h>
#include <mpi.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  testing::InitGoogleMock(&argc, argv);
  int rank = 0, size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const char* wanted = std::getenv("STRATA_TEST_RANKS");
  if (!wanted || std::atoi(wanted) != size || provided != MPI_THREAD_MULTIPLE) {
    std::fprintf(stderr, "this test wants %s ranks with MPI_THREAD_MULTIPLE and got %d\n",
                 wanted ? wanted : "(STRATA_TEST_RANKS unset)", size);
    MPI_Abort(MPI_COMM_WORLD, 70);
  }
  if (rank != 0) {  // one report is enough; failures of other ranks still count below
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    struct FailuresOnly : testing::EmptyTestEventListener {
      void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed())
          std::fprintf(stderr, "%s:%d: %s\n", result.file_name() ? result.file_name() : "?", result.line_number(),
                       result.message());
      }
    };
    listeners.Append(new FailuresOnly);
  }
  int failed = RUN_ALL_TESTS();
  int any = 0;
  MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return any;
}
