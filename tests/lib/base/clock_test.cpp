#include "base/clock.h"

#include <gmock/gmock.h>

#include <thread>

namespace strata {
namespace {

TEST(Clock, MonotonicSecondsNeverGoBackAndStartBeforeNow) {
  const double before = monotonic_seconds();
  EXPECT_LE(process_start_seconds(), before);
  EXPECT_LE(before, monotonic_seconds());
}

TEST(Clock, AProcessUsesAtLeastTheTimeOfOneOfItsThreads) {
  const double thread = thread_cpu_seconds();
  EXPECT_LE(thread, process_cpu_seconds());
  const double before = process_cpu_seconds();
  std::thread([] {
    const double begun = thread_cpu_seconds();
    while (thread_cpu_seconds() < begun + 0.02) {
    }
  }).join();
  EXPECT_GE(process_cpu_seconds(), before + 0.02);
}

TEST(Clock, UtcTextIsIso8601) { EXPECT_THAT(utc_time_text(), ::testing::MatchesRegex("20..-..-..T..:..:..Z")); }

TEST(Clock, DurationsReadAsSlurmWritesThem) {
  EXPECT_EQ(readable_duration(0), "0:00:00");
  EXPECT_EQ(readable_duration(59.6), "0:01:00");
  EXPECT_EQ(readable_duration(3725), "1:02:05");
  EXPECT_EQ(readable_duration(90061), "1-01:01:01");
  EXPECT_EQ(readable_duration(-5), "0:00:00");
}

}  // namespace
}  // namespace strata
