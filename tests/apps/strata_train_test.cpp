// strata-train as a user runs it: interrupted in every way, continued by the same command, equal to a straight run.

#include "apps/training_process.h"
#include "base/clock.h"
#include "base/csv_file.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/temporary_name.h"
#include "models/weight_file.h"
#include "pipeline/pipeline.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

namespace strata {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::rows_of;
using testing::ScratchDirectory;
using testing::TrainingProcess;

constexpr int kDone = 0, kMissingInput = 66, kBusy = 69, kNoProgress = 71, kCannotCreate = 73, kResume = 75, kFormat = 76,
              kConfig = 78, kDiverged = 79;
constexpr int kSteps = 12;  // 6 epochs of 2

// An environment variable of the programs started while it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// By which each fsync within a checkpoint takes so many seconds; there are ten in each.
class SlowCheckpoints {
 public:
  explicit SlowCheckpoints(double seconds) : seconds_("STRATA_SLOW_SYNC", std::to_string(seconds)) {}

 private:
  Variable seconds_, library_{"LD_PRELOAD", SLOW_SYNC};
};

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
  // What a run must leave the same, however it was interrupted. Metrics as text: a row that differs is to be seen.
  std::string result() const {
    return fmt::format("last {}\nbest {}\n{}", sha256_of_file(run_ / "weights/last.safetensors"),
                       sha256_of_file(run_ / "weights/best.safetensors"), read_text_file(run_ / "metrics.csv"));
  }
  // SHA-256 of each file of the run but TensorBoard's, of which each start has its own, and the log of all of them.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> sums;
    for (const auto& entry : fs::recursive_directory_iterator(run_)) {
      const std::string name = fs::relative(entry.path(), run_).string();
      if (entry.is_regular_file() && !name.starts_with("tensorboard/") && name != "train.log")
        sums[name] = sha256_of_file(entry.path());
    }
    return sums;
  }
  fs::path newest_generation() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(run_ / "checkpoints")) newest = std::max(newest, entry.path());
    return newest;
  }
  int temporaries() const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(run_ / "checkpoints")) count += is_temporary(entry.path());
    return count;
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

// Its steps are quick and its checkpoints slow: what is left when it must stop is what these take.
TEST_F(StrataTrain, StopsWithACheckpointBeforeItsTimeLimitAlsoWhereWritesAreSlow) {
  constexpr int kLimit = 20;
  const SlowCheckpoints slow(0.15);
  TrainingProcess process(2,
                          arguments(fmt::format("--time-limit {} --schedule.epochs 100000 --validation.every_epochs 100000 "
                                                "--checkpoint.every_steps 0 --checkpoint.every_seconds 1",
                                                kLimit)),
                          scratch_ / "log");
  ASSERT_TRUE(process.wait_until([&] { return !process.ranks().empty(); })) << process.log();
  const double limit = unix_seconds() + kLimit;  // or a moment later: programs count from their first instruction
  EXPECT_EQ(process.wait(), kResume) << process.log();
  struct stat written {};
  ASSERT_EQ(stat((run_ / "run.json").c_str(), &written), 0);  // after the checkpoint
  const double left = limit - static_cast<double>(written.st_mtim.tv_sec) - 1e-9 * static_cast<double>(written.st_mtim.tv_nsec);
  EXPECT_GE(left, 0) << process.log();
  fmt::print("stopped {:.2f} s before the limit\n", left);
  EXPECT_THAT(process.log(), HasSubstr("time limit in"));
  EXPECT_EQ(testing::newest_step_in(run_), rows_of(run_ / "metrics.csv"));
  EXPECT_EQ(temporaries(), 0);
}

// mpirun leaves its ranks two seconds, less than the write takes.
TEST_F(StrataTrain, CutWithinACheckpointBySigtermToTheLauncherContinuesFromTheOneBeforeToTheSameBits) {
  EXPECT_EQ(interrupted(2, 3, [](TrainingProcess& process) { process.signal_ranks(SIGTERM); }), kResume);
  const fs::path before = newest_generation();
  {
    const SlowCheckpoints slow(1);
    TrainingProcess process(2, arguments(), scratch_ / "cut");
    ASSERT_TRUE(process.wait_until([&] { return temporaries() > 0; })) << process.log();
    kill(process.launcher(), SIGTERM);
    EXPECT_THAT(process.wait(), ::testing::Not(AnyOf(kDone, kResume))) << process.log();
  }
  EXPECT_EQ(temporaries(), 1);
  EXPECT_EQ(testing::newest_step_in(run_), nlohmann::json::parse(read_text_file(before / "state.json"))["step"].get<int>());
  const Ended continued = train(2);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, HasSubstr("from checkpoint " + before.filename().string()));
  EXPECT_EQ(temporaries(), 0);
  EXPECT_EQ(result(), straight_result(2));
}

TEST_F(StrataTrain, WithoutALimitItSaysSoOnceAndWritesCheckpointsByTheClock) {
  TrainingProcess process(2,
                          arguments("--schedule.epochs 100000 --validation.every_epochs 100000 --checkpoint.every_steps 0 "
                                    "--checkpoint.every_seconds 0.2"),
                          scratch_ / "log");
  ASSERT_TRUE(process.wait_until([&] { return testing::generations_in(run_) >= 2; })) << process.log();
  kill(process.launcher(), SIGUSR1);
  EXPECT_EQ(process.wait(), kResume);
  const std::string log = process.log();
  const size_t at = log.find("no time limit found: stopping only on signals");
  EXPECT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.rfind("no time limit found"), at) << log;
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
  const fs::path newest = newest_generation();
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
  const fs::path newest = newest_generation();
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
  const fs::path newest = newest_generation();
  fs::resize_file(newest / "optimizer.safetensors", 1000);
  const Ended continued = train(1);
  EXPECT_EQ(continued.code, kDone) << continued.log;
  EXPECT_THAT(continued.log, HasSubstr("skipped a damaged checkpoint"));
  EXPECT_EQ(result(), straight_result(1));
}

// Otherwise validation, whose products of matrices are large enough for several threads, may differ in its last digits from one
// run to the next.
TEST_F(StrataTrain, MultipliesMatricesReproducibly) {
  const Variable verbose("MKL_VERBOSE", "1");
  const Ended trained = train(1, "--schedule.epochs 1 --validation.every_epochs 1");
  EXPECT_EQ(trained.code, kDone) << trained.log;
  EXPECT_THAT(trained.log, HasSubstr("CNR:AUTO,STRICT"));
  EXPECT_THAT(trained.log, Not(HasSubstr("CNR:OFF")));
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
  const Ended diverged = train(2, "--optimizer.lr 1e30 --schedule.epochs 10 --validation.every_epochs 10");
  EXPECT_EQ(diverged.code, kDiverged) << diverged.log;
  EXPECT_THAT(diverged.log, HasSubstr("11 steps in a row had a loss or gradient that is not finite. The last good state is " +
                                      ("checkpoint " + newest_generation().filename().string())));
  const auto rows = read_csv(run_ / "metrics.csv");
  const auto skipped = std::find(rows[0].begin(), rows[0].end(), "skipped") - rows[0].begin();
  const auto is_skipped = [&](const auto& row) { return row[static_cast<size_t>(skipped)] == "1"; };
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), is_skipped), 11);
  for (const char* file : {"model.safetensors", "optimizer.safetensors"}) {
    for (const auto& [name, tensor] : read_safetensors(newest_generation() / file).tensors)
      EXPECT_TRUE(torch::isfinite(tensor).all().item<bool>()) << file << ": " << name;
  }
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

// As where Slurm gave a node up for lost and began the job again elsewhere. Nothing is to be cut from the tables that both open.
TEST_F(StrataTrain, AnOwnerThatComesBackAfterItsSuccessorEndsWithoutTouchingTheRun) {
  const Variable job("SLURM_JOB_ID", "4711");
  TrainingProcess zombie(2, arguments(), scratch_ / "zombie");
  const auto all_is_committed = [&] {
    const int rows = rows_of(run_ / "metrics.csv");
    return rows >= 3 && testing::newest_step_in(run_) == rows;
  };
  ASSERT_TRUE(zombie.wait_until([&] {
    if (zombie.ranks().empty() || !all_is_committed()) return false;
    zombie.signal_ranks(SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until all threads stand
    if (all_is_committed()) return true;
    zombie.signal_ranks(SIGCONT);
    return false;
  })) << zombie.log();
  {
    const Variable restart("SLURM_RESTART_COUNT", "1");
    const Ended successor = train(2);
    EXPECT_EQ(successor.code, kDone) << successor.log;
  }
  EXPECT_EQ(result(), straight_result(2));
  const auto before = contents();
  zombie.signal_ranks(SIGCONT);
  EXPECT_EQ(zombie.wait(), kBusy) << zombie.log();
  EXPECT_THAT(zombie.log(), HasSubstr("was taken over by job 4711"));
  EXPECT_EQ(contents(), before);
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
