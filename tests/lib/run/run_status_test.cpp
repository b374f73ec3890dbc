#include "run/run_status.h"

#include "base/error.h"
#include "base/files.h"
#include "base/owner_file.h"
#include "run/flight_record.h"
#include "run/run_comparison.h"
#include "run/run_files.h"
#include "run/run_record.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

namespace strata {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchDirectory;

// A run of 10 epochs of 10 steps with this many done, each of 2 s, a tenth of it waiting for data.
struct MadeRun {
  explicit MadeRun(const fs::path& directory, int steps = 40, double lr = 0.1) : files(directory), record(files.record) {
    fs::create_directories(directory);
    write_file_atomically(files.config, fmt::format("[optimizer]\nlr = {}\n", lr));
    std::string
        metrics = "step,epoch,lr,loss,skipped,val_loss,mean_iu\n",
        timing =
            "step,seconds,loader_wait_seconds,gradient_wait_seconds,checkpoint_seconds,validation_seconds,peak_memory_bytes\n";
    for (int step = 1; step <= steps; ++step) {
      metrics += fmt::format("{},{},{},{},{},{}\n", step, step / 10, lr, lr / step, step == 3 ? 1 : 0,
                             step % 10 == 0 ? fmt::format("{},{}", 2 * lr, 0.01 * step) : ",");
      timing += fmt::format("{},2,0.2,0,0,0,5000000\n", step);
    }
    write_file_atomically(files.metrics, metrics);
    write_file_atomically(files.timing, timing);
    record.begin_start({.platform = {{"ranks", "4"}},
                        .versions = "1.0\n",
                        .step = 0,
                        .generation = 0,
                        .total_steps = 100,
                        .steps_per_epoch = 10,
                        .seconds_left = 60});
    record.note_best(static_cast<uint64_t>(steps), 0.01 * steps);
    record.note_checkpoint(static_cast<uint64_t>(steps), 3);
  }
  RunFiles files;
  RunRecord record;
};

TEST(RunStatus, OfAStoppedRunSaysWhyAndHowManyMoreJobsItTakes) {
  ScratchDirectory scratch;
  MadeRun run(scratch / "run");
  run.record.end_start(ExitCode::kResume, "stopped: time limit in 5 s", 40);
  const std::string text = run_status_text(scratch / "run", 0);
  EXPECT_THAT(text, HasSubstr("stopped: time limit in 5 s (code 75"));
  EXPECT_THAT(text, HasSubstr("step 40 of 100, 40.0 %; epoch 4.0 of 10"));
  EXPECT_THAT(text, HasSubstr("gen-000003 at step 40"));
  EXPECT_THAT(text, HasSubstr("best 40.00 % after step 40; 1 steps were skipped"));
  EXPECT_THAT(text, HasSubstr("2 s a step; of all time 10.0 % waiting for data"));
  EXPECT_THAT(text, HasSubstr("0:02:00"));
  EXPECT_THAT(text, HasSubstr("2.9 of 6 epochs fit into 0:01:00; 3 more jobs"));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 40);
}

TEST(RunStatus, TakesTheLengthOfJobsFromItsCaller) {
  ScratchDirectory scratch;
  MadeRun run(scratch / "run");
  run.record.end_start(ExitCode::kResume, "stopped", 40);
  EXPECT_THAT(run_status_text(scratch / "run", 3600), HasSubstr("all 6 epochs that are left fit into 1:00:00"));
}

TEST(RunStatus, TellsARunningRunFromAKilledOne) {
  ScratchDirectory scratch;
  MadeRun run(scratch / "run");
  FlightRecord flight(run.files.flight);
  flight.note_now("step 41, epoch 4, loading");
  {
    const OwnerFile owner(scratch / "run", {.patience_seconds = 1, .heartbeat_seconds = 0.1});
    const std::string text = run_status_text(scratch / "run", 0);
    EXPECT_THAT(text, HasSubstr("running: process "));
    EXPECT_THAT(text, HasSubstr("done about 2"));
  }
  const std::string killed = run_status_text(scratch / "run", 0);
  EXPECT_THAT(killed, HasSubstr("killed: it did not say that it ended"));
  EXPECT_THAT(killed, HasSubstr("now: step 41, epoch 4, loading"));
}

TEST(RunStatus, OfACompleteRunForecastsNothing) {
  ScratchDirectory scratch;
  MadeRun run(scratch / "run", 100);
  run.record.complete({.step = 100, .epochs = 10});
  run.record.end_start(ExitCode::kDone, "complete", 100);
  const std::string text = run_status_text(scratch / "run", 0);
  EXPECT_THAT(text, HasSubstr("complete (code 0"));
  EXPECT_THAT(text, Not(HasSubstr("jobs ")));
}

TEST(RunStatus, WithoutALimitAsksForOne) {
  ScratchDirectory scratch;
  MadeRun run(scratch / "run");
  RunRecord::Start start;
  start.total_steps = 100;
  start.seconds_left = std::numeric_limits<double>::infinity();
  run.record.begin_start(start);
  EXPECT_THAT(run_status_text(scratch / "run", 0), HasSubstr("--time-limit"));
}

TEST(RunStatus, ChangesNothingAndRefusesWhatIsNoRun) {
  ScratchDirectory scratch;
  EXPECT_THROW(run_status_text(scratch.path(), 0), MissingInput);
  write_file_atomically(scratch / "run.json", std::string_view("{ damaged"));
  EXPECT_THROW(run_status_text(scratch.path(), 0), FormatError);
  EXPECT_TRUE(fs::exists(scratch / "run.json"));
}

TEST(RunComparison, NamesDifferentSettingsAndTheStepWhereNumbersPart) {
  ScratchDirectory scratch;
  MadeRun a(scratch / "a"), b(scratch / "b", 50, 0.2);
  const std::string text = run_comparison_text(scratch / "a", scratch / "b");
  EXPECT_THAT(text, HasSubstr("[optimizer] lr = 0.1, now 0.2"));
  EXPECT_THAT(text, HasSubstr("equal up to step 0, then"));
  EXPECT_THAT(text, HasSubstr("50.00 % after step 50"));
  EXPECT_THAT(text, HasSubstr("5.0 MB"));
}

TEST(RunComparison, SaysWhereTwoRunsAreTheSameToTheLastDigit) {
  ScratchDirectory scratch;
  MadeRun a(scratch / "a"), b(scratch / "b", 50);
  const std::string text = run_comparison_text(scratch / "a", scratch / "b");
  EXPECT_THAT(text, HasSubstr("settings: the same"));
  EXPECT_THAT(text, HasSubstr("platform: the same"));
  EXPECT_THAT(text, HasSubstr("all 40 steps that both have are equal"));
}

}  // namespace
}  // namespace strata
