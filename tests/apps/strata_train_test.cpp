// strata-train as a user runs it: interrupted in every way, continued by the same command, equal to a straight run.

#include "apps/training_process.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/sha256.h"
#include "models/weight_file.h"
#include "pipeline/pipeline.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <nlohmann/json.hpp>

namespace strata {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::rows_of;
using testing::ScratchDirectory;
using testing::TrainingProcess;

constexpr int kDone = 0, kMissingInput = 66, kBusy = 69, kNoProgress = 71, kCannotCreate = 73, kResume = 75, kFormat = 76,
              kConfig = 78, kDiverged = 79;
constexpr int kSteps = 12;  // 6 epochs of 2

class StrataTrain : public ::testing::Test {
 protected:
  std::string arguments(const std::string& more = "") const {
    return fmt::format(
        "--config '{}' --data '{}' --run '{}' --schedule.epochs {} --checkpoint.every_steps 1 --validation.every_epochs 3 {}",
        testing::tiny_config().string(), testing::tiny_dataset().data.string(), run_.string(), kSteps / 2, more);
  }
  struct Ended {
    int code;
    std::string log;
  };
  Ended train(int ranks, const std::string& more = "") const {
    TrainingProcess process(ranks, arguments(more), scratch_ / fmt::format("log-{}", logs_++));
    const int code = process.wait();
    return {code, process.log()};
  }
  // Starts, sends the signal when `rows` steps are in metrics.csv, gives the exit code.
  int interrupted(int ranks, int rows, const std::function<void(TrainingProcess&)>& interrupt,
                  const std::string& more = "") const {
    TrainingProcess process(ranks, arguments(more), scratch_ / fmt::format("log-{}", logs_++));
    EXPECT_TRUE(process.wait_until([&] { return rows_of(run_ / "metrics.csv") >= rows; })) << process.log();
    process.ranks();
    interrupt(process);
    return process.wait();
  }
  // What a run must leave the same, however it was interrupted.
  std::string result() const {
    return sha256_of_file(run_ / "weights/last.safetensors") + sha256_of_file(run_ / "weights/best.safetensors") +
           sha256_of_file(run_ / "metrics.csv");
  }
  nlohmann::json record() const { return nlohmann::json::parse(read_text_file(run_ / "run.json")); }

  ScratchDirectory scratch_;
  std::filesystem::path run_ = scratch_ / "run";
  mutable int logs_ = 0;
};

// Of a run that nothing interrupts.
const std::string& straight_result(int ranks) {
  static std::map<int, std::string> results;
  if (!results.contains(ranks)) {
    struct Straight : StrataTrain {
      void TestBody() override {}
      using StrataTrain::result;
      using StrataTrain::train;
    } straight;
    const auto ended = straight.train(ranks);
    EXPECT_EQ(ended.code, kDone) << ended.log;
    results[ranks] = straight.result();
  }
  return results[ranks];
}

TEST_F(StrataTrain, StoppedBySigtermToOneRankContinuesToTheSameBits) {
  EXPECT_EQ(interrupted(2, 3, [](TrainingProcess& process) { kill(process.ranks().back(), SIGTERM); }), kResume);
  const Ended continued = train(2);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, HasSubstr("continues after step"));
  EXPECT_EQ(result(), straight_result(2));
}

TEST_F(StrataTrain, StoppedBySigusr1ThroughTheLauncherContinuesToTheSameBitsOnThreeRanks) {
  EXPECT_EQ(interrupted(3, 5, [](TrainingProcess& process) { kill(process.launcher(), SIGUSR1); }), kResume);
  EXPECT_EQ(train(3).code, kDone);
  EXPECT_EQ(result(), straight_result(3));
}

TEST_F(StrataTrain, StoppedByItsTimeLimitContinuesToTheSameBits) {
  int stops = 0;
  for (int seconds = 1; seconds < 300; seconds *= 2) {
    const Ended ended = train(2, fmt::format("--time-limit {}", seconds));
    if (ended.code == kDone) break;
    ASSERT_EQ(ended.code, kResume) << ended.log;
    ++stops;
  }
  EXPECT_GE(stops, 1);
  EXPECT_EQ(result(), straight_result(2));
}

TEST_F(StrataTrain, KilledRankByRankContinuesToTheSameBits) {
  EXPECT_NE(interrupted(2, 2, [](TrainingProcess& process) { kill(process.ranks().front(), SIGKILL); }), kDone);
  EXPECT_NE(interrupted(2, 6, [](TrainingProcess& process) { kill(process.ranks().back(), SIGKILL); }), kDone);
  const Ended continued = train(2);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_EQ(result(), straight_result(2));
  EXPECT_THAT(record()["starts"][0]["ended"]["outcome"].get<std::string>(), HasSubstr("killed"));
}

// All that has state of its own: moments, maxima, counts, averages, a rate that rises.
const std::string kAdaptive =
    "--loss.name rmi --optimizer.name adam --optimizer.amsgrad true --optimizer.ema 0.9 --optimizer.clip_norm 1 "
    "--optimizer.decay_norms_and_biases false --schedule.warmup_steps 4";

TEST_F(StrataTrain, WithAdamAndAveragedWeightsContinuesToTheSameBits) {
  const auto stop = [](TrainingProcess& process) { kill(process.ranks().front(), SIGTERM); };
  EXPECT_EQ(interrupted(2, 4, stop, kAdaptive), kResume);
  const Ended continued = train(2, kAdaptive);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, ::testing::Not(HasSubstr("may fall below 0")));  // was said by the first start
  const std::string result_of_two = result();
  run_ = scratch_ / "straight";
  const Ended straight = train(2, kAdaptive);
  EXPECT_EQ(straight.code, kDone) << straight.log;
  EXPECT_THAT(straight.log, HasSubstr("may fall below 0, and that is no fault"));
  EXPECT_EQ(result(), result_of_two);
}

TEST_F(StrataTrain, InFp16ContinuesWithItsLossScaleToTheSameBits) {
  const std::string half = "--precision.type fp16 --memory.activations recomputed --optimizer.lr 0.001";
  const auto stop = [](TrainingProcess& process) { kill(process.ranks().front(), SIGTERM); };
  EXPECT_EQ(interrupted(2, 4, stop, half), kResume);
  const Ended continued = train(2, half);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_EQ(record()["starts"][1]["platform"]["precision"], "fp16");
  const std::string result_of_two = result();
  run_ = scratch_ / "straight";
  const Ended straight = train(2, half);
  EXPECT_EQ(straight.code, kDone) << straight.log;
  EXPECT_EQ(result(), result_of_two);
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(run_ / "checkpoints")) newest = std::max(newest, entry.path());
  const auto scale = nlohmann::json::parse(read_text_file(newest / "state.json"))["loss_scale"];
  EXPECT_GT(scale["factor"].get<double>(), 0);
  EXPECT_GT(scale["good_steps"].get<int>(), 0);
}

TEST_F(StrataTrain, SaysThatAnotherPrecisionIsNotBitIdenticalAndGoesOn) {
  const auto stop = [](TrainingProcess& process) { kill(process.ranks().front(), SIGTERM); };
  EXPECT_EQ(interrupted(1, 3, stop), kResume);
  const Ended continued = train(1, "--precision.type bf16");
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, HasSubstr("precision = fp32, now bf16: not bit-identical"));
}

TEST_F(StrataTrain, WritesTheAverageOfWeightsAndKeepsBothInTheCheckpoint) {
  ASSERT_EQ(train(1, "--schedule.epochs 1 --optimizer.ema 0.9").code, kDone);
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(run_ / "checkpoints")) newest = std::max(newest, entry.path());
  const NamedTensors model = read_safetensors(newest / "model.safetensors");
  const NamedTensors optimizer = read_safetensors(newest / "optimizer.safetensors");
  const OpenedWeights last = open_weights(run_ / "weights/last.safetensors");
  EXPECT_THAT(last.description.provenance.at("weights"), HasSubstr("running average over steps, decay 0.9"));
  int differ = 0;
  for (const auto& [name, tensor] : last.state.tensors) {
    const torch::Tensor* average = optimizer.find("average." + name);
    ASSERT_NE(average, nullptr) << name;
    EXPECT_TRUE(torch::equal(tensor, *average)) << name;
    differ += !torch::equal(tensor, *model.find(name));
  }
  EXPECT_GT(differ, 0);
}

TEST_F(StrataTrain, RefusesClassWeightsThatAreNotOneAClassBeforeAnythingIsCreated) {
  const Ended refused = train(2, "--loss.class_weights 1,2");
  EXPECT_EQ(refused.code, kConfig);
  EXPECT_THAT(refused.log, HasSubstr("loss.class_weights has 2 numbers, the dataset has"));
  EXPECT_FALSE(fs::exists(run_));
}

TEST_F(StrataTrain, SkipsADamagedCheckpointAndStillReachesTheSameBits) {
  EXPECT_EQ(interrupted(1, 4, [](TrainingProcess& process) { kill(process.ranks().front(), SIGTERM); }), kResume);
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(run_ / "checkpoints")) newest = std::max(newest, entry.path());
  fs::resize_file(newest / "optimizer.safetensors", 1000);
  const Ended continued = train(1);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, HasSubstr("skipped a damaged checkpoint"));
  EXPECT_EQ(result(), straight_result(1));
}

TEST_F(StrataTrain, RefusesToGoOnWhereEveryCheckpointIsDamaged) {
  EXPECT_EQ(interrupted(1, 3, [](TrainingProcess& process) { kill(process.ranks().front(), SIGTERM); }), kResume);
  for (const auto& entry : fs::directory_iterator(run_ / "checkpoints"))
    fs::resize_file(entry.path() / "model.safetensors", 1000);
  const Ended refused = train(1);
  EXPECT_EQ(refused.code, kFormat);
  EXPECT_THAT(refused.log, HasSubstr("every checkpoint"));
}

TEST_F(StrataTrain, TrainsAwayFromItsInitialWeightsAndOtherwiseWithAnotherSeed) {
  ASSERT_EQ(train(2, "--run.seed 1").code, kDone);
  EXPECT_NE(result(), straight_result(2));
  EXPECT_EQ(record()["initial_weights_sha256"].get<std::string>().size(), 64u);
  const OpenedWeights trained = open_weights(run_ / "weights/last.safetensors");
  ModelOptions options = trained.model;
  options.seed = 1;
  const NamedTensors initial = state_of(*make_model(options));
  int changed = 0;
  for (const auto& [name, tensor] : initial.tensors) changed += !torch::equal(tensor, *trained.state.find(name));
  EXPECT_EQ(changed, static_cast<int>(initial.tensors.size()));
}

TEST_F(StrataTrain, SaysThatAFinishedRunIsCompleteAndEndsAtOnce) {
  ASSERT_EQ(train(1).code, kDone);
  const std::string before = result();
  const double begun = monotonic_seconds();
  const Ended again = train(1);
  EXPECT_EQ(again.code, kDone);
  EXPECT_THAT(again.log, HasSubstr("already complete"));
  EXPECT_LT(monotonic_seconds() - begun, 5.0);
  EXPECT_EQ(result(), before);
}

TEST_F(StrataTrain, AFinishedRunGoesOnWhenGivenMoreEpochs) {
  ASSERT_EQ(train(1, "--schedule.epochs 1").code, kDone);
  const Ended longer = train(1, "--schedule.epochs 2");
  EXPECT_EQ(longer.code, kDone) << longer.log;
  EXPECT_THAT(longer.log, HasSubstr("epochs = 1, now 2"));
  EXPECT_EQ(rows_of(run_ / "metrics.csv"), 4);
}

TEST_F(StrataTrain, RefusesAChangedSettingThatWouldMakeItAnotherRun) {
  ASSERT_EQ(train(1, "--schedule.epochs 1").code, kDone);
  const Ended refused = train(1, "--schedule.epochs 2 --model.ocr_channels 32 --run.seed 9");
  EXPECT_EQ(refused.code, kConfig);
  EXPECT_THAT(refused.log, HasSubstr("model.ocr_channels"));
  EXPECT_THAT(refused.log, HasSubstr("run.seed"));
}

TEST_F(StrataTrain, ContinuesOnAnotherNumberOfRanksAndSaysThatBitsDiffer) {
  EXPECT_EQ(interrupted(2, 3, [](TrainingProcess& process) { kill(process.ranks().front(), SIGTERM); }), kResume);
  const Ended continued = train(3);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, HasSubstr("ranks = 2, now 3: not bit-identical"));
  EXPECT_EQ(rows_of(run_ / "metrics.csv"), kSteps);
}

TEST_F(StrataTrain, NamesTheNumbersOfRanksThatDivideTheBatch) {
  const Ended refused = train(4);
  EXPECT_EQ(refused.code, kConfig);
  EXPECT_THAT(refused.log, HasSubstr("1, 2, 3, 6"));
}

TEST_F(StrataTrain, GivesUpWhenThreeStartsInARowGotNowhere) {
  for (int expected : {kResume, kResume, kNoProgress}) {
    const Ended stopped = train(1, "--stop-at 1");  // 1970
    EXPECT_EQ(stopped.code, expected) << stopped.log;
  }
}

TEST_F(StrataTrain, EndsWithADivergedCodeAndNamesTheLastGoodCheckpoint) {
  const Ended diverged = train(2, "--optimizer.lr 1e30");
  EXPECT_EQ(diverged.code, kDiverged) << diverged.log;
  EXPECT_THAT(diverged.log, HasSubstr("last good state is"));
}

TEST_F(StrataTrain, RefusesADirectoryThatIsNoRunAndLeavesItAlone) {
  fs::create_directories(run_);
  write_file_atomically(run_ / "thesis.tex", std::string_view("years of work"));
  const Ended refused = train(1);
  EXPECT_EQ(refused.code, kCannotCreate);
  EXPECT_THAT(refused.log, HasSubstr("thesis.tex"));
  EXPECT_EQ(std::distance(fs::directory_iterator(run_), {}), 1);
}

TEST_F(StrataTrain, LeavesARunAloneThatALivingJobOwns) {
  TrainingProcess owner(1, arguments("--schedule.epochs 10000"), scratch_ / "owner");
  ASSERT_TRUE(owner.wait_until([&] { return rows_of(run_ / "metrics.csv") >= 1; })) << owner.log();
  const Ended refused = train(1, "--schedule.epochs 10000");
  EXPECT_EQ(refused.code, kBusy) << refused.log;
  EXPECT_TRUE(owner.running());
  kill(owner.ranks().front(), SIGTERM);
  EXPECT_EQ(owner.wait(), kResume);
}

TEST_F(StrataTrain, SaysWhatIsMissingWhereThereIsNoDataset) {
  TrainingProcess process(2,
                          fmt::format("--config '{}' --data '{}' --run '{}'", testing::tiny_config().string(),
                                      (scratch_ / "nowhere").string(), run_.string()),
                          scratch_ / "log");
  EXPECT_EQ(process.wait(), kMissingInput);
  EXPECT_THAT(process.log(), HasSubstr("nowhere"));
}

}  // namespace
}  // namespace strata
