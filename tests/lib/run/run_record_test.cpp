#include "run/run_record.h"

#include "base/files.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <fstream>

namespace strata {
namespace {

nlohmann::json read(const std::filesystem::path& file) { return nlohmann::json::parse(read_text_file(file)); }

TEST(RunRecord, KeepsTheHistoryOfStartsAndStops) {
  testing::ScratchDirectory scratch;
  const auto file = scratch / "run.json";
  {
    RunRecord record(file);
    EXPECT_TRUE(record.empty());
    record.begin_start({.platform = {{"ranks", "2"}}, .versions = "1.0\n", .step = 0, .generation = 0, .total_steps = 10});
    record.end_start(ExitCode::kResume, "stopped: time limit", 4);
  }
  RunRecord record(file);
  EXPECT_EQ(record.platform(), (Settings{{"ranks", "2"}}));
  record.begin_start({.platform = {{"ranks", "3"}}, .versions = "1.1\n", .step = 4, .generation = 2, .total_steps = 10});
  const nlohmann::json json = read(file);
  ASSERT_EQ(json["starts"].size(), 2u);
  EXPECT_EQ(json["starts"][0]["ended"]["code"], 75);
  EXPECT_EQ(json["starts"][0]["ended"]["step"], 4);
  EXPECT_EQ(json["starts"][1]["from_step"], 4);
  EXPECT_EQ(json["starts"][1]["platform"]["ranks"], "3");
}

TEST(RunRecord, SaysOfAStartThatNeverEndedThatItWasKilled) {
  testing::ScratchDirectory scratch;
  const auto file = scratch / "run.json";
  RunRecord(file).begin_start({});
  RunRecord(file).begin_start({});
  EXPECT_EQ(read(file)["starts"][0]["ended"]["outcome"].get<std::string>().substr(0, 6), "killed");
}

TEST(RunRecord, CountsStopsWithoutProgressUntilOneGetsFurther) {
  testing::ScratchDirectory scratch;
  const auto stop = [&](bool got_further) {
    RunRecord record(scratch / "run.json");
    record.begin_start({});
    const int count = record.count_stop(got_further);
    record.end_start(ExitCode::kResume, "", 0);
    return count;
  };
  EXPECT_EQ(stop(false), 1);
  EXPECT_EQ(stop(false), 2);
  EXPECT_EQ(stop(true), 0);
  EXPECT_EQ(stop(false), 1);
}

TEST(RunRecord, RemembersThatTheRunIsCompleteUntilItIsBegunAgain) {
  testing::ScratchDirectory scratch;
  const auto file = scratch / "run.json";
  {
    RunRecord record(file);
    record.begin_start({});
    EXPECT_FALSE(record.completion());
    record.complete({.step = 10, .epochs = 2});
    record.end_start(ExitCode::kDone, "complete", 10);
  }
  ASSERT_TRUE(RunRecord(file).completion());
  EXPECT_EQ(RunRecord(file).completion()->epochs, 2);
  RunRecord(file).begin_start({});
  EXPECT_FALSE(RunRecord(file).completion());
}

TEST(RunRecord, SetsADamagedFileAsideAndBeginsAnew) {
  testing::ScratchDirectory scratch;
  const auto file = scratch / "run.json";
  std::ofstream(file) << "{ \"format\": 1, ";
  EXPECT_TRUE(RunRecord(file).empty());
  EXPECT_TRUE(std::filesystem::exists(scratch / "run.json.damaged"));
}

}  // namespace
}  // namespace strata
