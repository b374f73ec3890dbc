#include "support/paths.h"

#include <gmock/gmock.h>

#include <string>

namespace strata {
namespace {

using strata::testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRoot = "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1; ";

CommandResult under_mpirun(int ranks, const std::string& what, const std::string& variables = "") {
  return testing::run_command(kRoot + variables + " timeout 60 mpirun -n " + std::to_string(ranks) +
                              " --oversubscribe --bind-to none " PROBE " " + what);
}

CommandResult alone(const std::string& what, const std::string& variables = "") {
  return testing::run_command(kRoot + variables + " timeout 60 " PROBE " " + what);
}

size_t times(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(MpiMain, TheCodeOfAllRanksIsTheCodeOfMpirun) {
  EXPECT_EQ(under_mpirun(2, "done").exit_code, 0);
  EXPECT_EQ(under_mpirun(2, "resume").exit_code, 75);
  EXPECT_EQ(alone("resume").exit_code, 75);
}

TEST(MpiMain, AllRanksFinishBeforeTheFirstExits) {
  const CommandResult result = under_mpirun(2, "slow-exit");
  EXPECT_EQ(result.exit_code, 75);
  EXPECT_THAT(result.errors, HasSubstr("rank 1 complete"));
}

TEST(MpiMain, AnAgreedErrorIsPrintedOnceWithItsCode) {
  const CommandResult result = under_mpirun(3, "agreed");
  EXPECT_EQ(result.exit_code, 66);
  EXPECT_EQ(times(result.errors, "no shard"), 1u) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("error: rank 2 on "));
}

TEST(MpiMain, AnErrorOfOneRankEndsTheJobWithItsCode) {
  const CommandResult result = under_mpirun(2, "alone");
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_THAT(result.errors, HasSubstr("[rank 1] damaged sample"));
  EXPECT_EQ(under_mpirun(2, "bug").exit_code, 70);
  EXPECT_EQ(alone("alone").exit_code, 65);
}

TEST(MpiMain, ADeadRankEndsTheJob) { EXPECT_EQ(under_mpirun(2, "dies").exit_code, 137); }

TEST(MpiMain, AWrongCommandLineIsSaidOnceAndAgreed) {
  const CommandResult result = under_mpirun(2, "bad-usage");
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_EQ(times(result.errors, "--frobnicate"), 1u) << result.errors;
  EXPECT_EQ(alone("bad-usage").errors, "error: unknown option '--frobnicate'\n");
}

TEST(MpiMain, HelpNeedsNoMpi) { EXPECT_EQ(alone("help", "export OMPI_MCA_ess=nonsense;").exit_code, 0); }

TEST(MpiMain, ASignalBeforeMpiInitIsNotLost) { EXPECT_EQ(under_mpirun(2, "signal-early").exit_code, 75); }

TEST(MpiMain, ASignalWithinMpiFinalizeChangesNothing) {
  const CommandResult result = under_mpirun(2, "signal-late");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(times(result.errors, "signalled within MPI_Finalize"), 2u) << result.errors;
}

TEST(MpiMain, SeveralTasksWithAWorldOfOneAreRefused) {
  for (const char* variables :
       {"export SLURM_NTASKS=4;", "export SLURM_NTASKS=1 SLURM_STEP_NUM_TASKS=2;", "export PMI_SIZE=2;"}) {
    const CommandResult result = alone("done", variables);
    EXPECT_EQ(result.exit_code, 78) << variables;
    EXPECT_THAT(result.errors, HasSubstr("copies of a one-rank job"));
  }
}

TEST(MpiMain, OneRankOnPurposeInAJobOfManyTasksIsAllowed) {
  EXPECT_EQ(under_mpirun(1, "done", "export SLURM_NTASKS=4;").exit_code, 0);
  EXPECT_EQ(alone("done", "export SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=1;").exit_code, 0);
}

TEST(MpiMain, PlacementNamesEveryRankAndIsSilentWhereCoresSuffice) {
  const CommandResult result = under_mpirun(1, "placement");
  EXPECT_THAT(result.errors, HasSubstr("rank 0 of 1: host "));
  EXPECT_THAT(result.errors, HasSubstr("local rank 0 of 1"));
  EXPECT_THAT(result.errors, Not(HasSubstr("slow each other down")));
}

TEST(MpiMain, MoreThreadsThanCoresAreWarnedOfOncePerNode) {
  const CommandResult result = under_mpirun(2, "crowded");
  EXPECT_THAT(result.errors, HasSubstr("rank 1 of 2: host "));
  EXPECT_THAT(result.errors, HasSubstr("2 ranks on "));
  EXPECT_THAT(result.errors, HasSubstr("have 20000 threads together"));
}

}  // namespace
}  // namespace strata
