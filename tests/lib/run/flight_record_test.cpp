#include "run/flight_record.h"

#include "support/paths.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace strata {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(FlightRecord, SurvivesAKillWithTheLastSteps) {
  testing::ScratchDirectory scratch;
  const pid_t child = fork();
  if (child == 0) {
    FlightRecord record(scratch / "flight.txt");
    for (uint64_t step = 1; step <= 200; ++step) {
      record.note_now("step " + std::to_string(step) + ", forward and backward");
      if (step == 200) kill(getpid(), SIGKILL);
      record.note_step(
          {.step = step, .epoch = step / 50, .seconds = 0.5, .loss = 1.0 / static_cast<double>(step), .gradient_norm = 2});
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const std::vector<std::string> lines = read_flight_record(scratch / "flight.txt");
  ASSERT_THAT(lines, SizeIs(1 + kFlightSteps));
  EXPECT_THAT(lines.front(), StartsWith("now: step 200, forward and backward, since "));
  EXPECT_THAT(lines[1], StartsWith("step 136, epoch 2: 0.5 s, loss "));
  EXPECT_THAT(lines.back(), StartsWith("step 199, epoch 3: 0.5 s, loss 0.0050251, gradient norm 2, at "));
}

TEST(FlightRecord, BeginsAnewAndIsNothingWhereThereIsNone) {
  testing::ScratchDirectory scratch;
  FlightRecord(scratch / "flight.txt").note_step({.step = 7});
  FlightRecord again(scratch / "flight.txt");
  EXPECT_THAT(read_flight_record(scratch / "flight.txt"), SizeIs(0));
  EXPECT_THAT(read_flight_record(scratch / "none"), SizeIs(0));
}

TEST(FlightRecord, ThatCannotBeWrittenIsSaidOnceAndHarmless) {
  ::testing::internal::CaptureStderr();
  {
    FlightRecord record("/dev/full");
    record.note_step({.step = 1});
    record.note_step({.step = 2});
  }
  FlightRecord("/nowhere/flight.txt").note_now("x");
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("ends here: No space left"));
  EXPECT_THAT(said, HasSubstr("no flight record in /nowhere"));
  EXPECT_EQ(said.find("ends here"), said.rfind("ends here"));
}

}  // namespace
}  // namespace strata
