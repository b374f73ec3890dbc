// strata-run as a user runs it on a login node, beside runs made by strata-train.

#include "pipeline/pipeline.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Without what MPI and Torch need to start: neither may be touched.
CommandResult strata_run(const std::string& arguments) {
  return run_command("OMPI_MCA_ess=nonsense " + program("strata-run") + arguments);
}

CommandResult train(const std::filesystem::path& run, const std::string& more) {
  return run_command(program("strata-train", 2) + fmt::format("--config '{}' --data '{}' --run '{}' {}", tiny_config().string(),
                                                              tiny_dataset().data.string(), run.string(), more));
}

TEST(StrataRun, TellsOfAStoppedRunWhatHappenedAndOfACompleteOneThatItIs) {
  ScratchDirectory scratch;
  const std::string run = "'" + (scratch / "run").string() + "'";
  ASSERT_EQ(train(scratch / "run", "--schedule.epochs 1").exit_code, 0);
  ASSERT_EQ(train(scratch / "run", "--schedule.epochs 4000 --time-limit 15").exit_code, 75);
  const CommandResult stopped = strata_run("status " + run);
  EXPECT_EQ(stopped.exit_code, 0) << stopped.errors;
  EXPECT_THAT(stopped.output, HasSubstr("stopped: time limit in"));
  EXPECT_THAT(stopped.output, HasSubstr("of 8000, "));
  EXPECT_THAT(stopped.output, HasSubstr("jobs "));
  EXPECT_THAT(strata_run("status " + run + " --time-limit 1-00:00:00").output,
              HasSubstr("epochs that are left fit into 1-00:00:00"));
  ASSERT_EQ(train(scratch / "run", "--schedule.epochs 2").exit_code, 0);
  EXPECT_THAT(strata_run("status " + run).output, HasSubstr("complete (code 0"));
}

TEST(StrataRun, ComparesTwoRunsAndFindsWhereTheyPart) {
  ScratchDirectory scratch;
  ASSERT_EQ(train(scratch / "a", "--schedule.epochs 1").exit_code, 0);
  ASSERT_EQ(train(scratch / "b", "--schedule.epochs 1").exit_code, 0);
  ASSERT_EQ(train(scratch / "c", "--schedule.epochs 1 --run.seed 5").exit_code, 0);
  const auto compare = [&](const char* first, const char* second) {
    return strata_run(fmt::format("compare '{}' '{}'", (scratch / first).string(), (scratch / second).string()));
  };
  EXPECT_THAT(compare("a", "b").output, HasSubstr("all 2 steps that both have are equal to the last digit"));
  const std::string different = compare("a", "c").output;
  EXPECT_THAT(different, HasSubstr("[run] seed = 0, now 5"));
  EXPECT_THAT(different, HasSubstr("equal up to step 0"));
}

TEST(StrataRun, SaysWhatIsWrongWithACommandLineOrADirectory) {
  const CommandResult nothing = strata_run("");
  EXPECT_EQ(nothing.exit_code, 64);
  EXPECT_THAT(nothing.errors, HasSubstr("status RUN"));
  EXPECT_THAT(strata_run("stats RUN").errors, HasSubstr("did you mean 'status'?"));
  EXPECT_EQ(strata_run("compare one").exit_code, 64);
  const CommandResult nowhere = strata_run("status /nowhere");
  EXPECT_EQ(nowhere.exit_code, 66);
  EXPECT_THAT(nowhere.errors, HasSubstr("/nowhere is no run directory"));
  EXPECT_THAT(strata_run("--help").output, HasSubstr("compare RUN RUN"));
  EXPECT_THAT(strata_run("status --help").output, HasSubstr("--time-limit"));
  EXPECT_THAT(strata_run("status --help").output, Not(HasSubstr("--run.seed")));
}

}  // namespace
}  // namespace strata::testing
