#include "comm/beats.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace strata {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Beat beat_of(int rank, const std::string& phase, double idle_seconds, bool waiting) {
  Beat beat;
  beat.rank = rank;
  beat.step = 12;
  beat.idle_seconds = idle_seconds;
  beat.waiting = waiting;
  std::copy(phase.begin(), phase.end(), beat.phase.begin());
  return beat;
}

class BeatsOfThree : public ::testing::Test {
 protected:
  void all_beat(double now, double idle_of_1 = 0, bool waiting_1 = true) {
    for (int rank = 0; rank < 3; ++rank)
      beats_.add(beat_of(rank, "forward and backward", rank == 1 ? idle_of_1 : 20, rank == 1 ? waiting_1 : true), now);
  }
  Beats beats_{{"n0", "n1", "n2"}, 0};
};

TEST_F(BeatsOfThree, BlameNobodyWhoMoves) {
  all_beat(100);
  EXPECT_FALSE(beats_.stalled(10, 105));
}

TEST_F(BeatsOfThree, NameTheSilentRankWithHostStepAndPhase) {
  all_beat(100);
  beats_.add(beat_of(0, "", 0, false), 130);
  beats_.add(beat_of(1, "", 0, false), 130);
  const auto sentence = beats_.stalled(10, 130);
  ASSERT_TRUE(sentence);
  EXPECT_THAT(*sentence, StartsWith("rank 2 on n2 (forward and backward, step 12) has given no sign of life for 30 s"));
}

TEST_F(BeatsOfThree, NameTheRankThatOthersWaitForAndNotThoseWhoWait) {
  all_beat(100, /*idle_of_1=*/20, /*waiting_1=*/false);
  const auto sentence = beats_.stalled(10, 100);
  ASSERT_TRUE(sentence);
  EXPECT_THAT(*sentence, StartsWith("rank 1 on n1"));
  EXPECT_THAT(*sentence, HasSubstr("has not moved for 20 s"));
}

TEST_F(BeatsOfThree, SayWhereAllWaitForEachOther) {
  all_beat(100, /*idle_of_1=*/15);
  EXPECT_THAT(beats_.stalled(10, 100).value_or(""), StartsWith("all ranks have waited"));
}

TEST_F(BeatsOfThree, ForgiveTheTimeInWhichTheWatcherStoodStill) {
  all_beat(100);
  beats_.forgive(5000);
  EXPECT_FALSE(beats_.stalled(10, 5005));
  EXPECT_TRUE(beats_.stalled(10, 5011));
}

TEST_F(BeatsOfThree, NameTheOneThatOthersWaitForInEveryStep) {
  const auto step = [&](int rank, uint64_t number, double waited) {
    Beat beat = beat_of(rank, "loading", 0, false);
    beat.step = number;
    beat.run_seconds = static_cast<double>(number);  // a second a step
    beat.waited_seconds = waited;
    beats_.add(beat, 0);
  };
  for (int rank = 0; rank < 3; ++rank) step(rank, 0, 0);
  EXPECT_FALSE(beats_.straggler(1.5)) << "no step yet";
  step(0, 10, 6);  // works 0.4 s a step
  step(1, 10, 1);  // works 0.9 s
  step(2, 10, 5);  // works 0.5 s
  const auto sentence = beats_.straggler(1.5);
  ASSERT_TRUE(sentence);
  EXPECT_THAT(*sentence, HasSubstr("rank 1 on n1"));
  EXPECT_THAT(*sentence, HasSubstr("1.8 times as long"));
  for (int rank = 0; rank < 3; ++rank) step(rank, 20, rank == 1 ? 5.5 : 10.5);  // 0.55 s for all from here on
  EXPECT_FALSE(beats_.straggler(1.5));
}

}  // namespace
}  // namespace strata
