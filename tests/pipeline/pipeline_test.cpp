#include "pipeline/pipeline.h"
#include "support/isolation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string train_command(int ranks, const fs::path& run, const std::string& more = "") {
  return program("strata-train", ranks) + fmt::format("--config '{}' --data '{}' --run '{}' {}", tiny_config().string(),
                                                      tiny_dataset().data.string(), run.string(), more);
}

std::string evaluate_command(int ranks, const fs::path& weights, const fs::path& output, const std::string& more = "") {
  return program("strata-evaluate", ranks) + fmt::format("--data '{}' --split val --weights '{}' --output '{}' {}",
                                                         tiny_dataset().data.string(), weights.string(), output.string(), more);
}

// One trained run for all tests of this file.
const fs::path& trained_run() {
  static ScratchDirectory scratch;
  static const fs::path run = [] {
    const CommandResult trained = run_command(train_command(2, scratch / "run"));
    if (trained.exit_code != 0) throw std::runtime_error(trained.errors);
    return scratch / "run";
  }();
  return run;
}

TEST(Pipeline, RunsFromFramesToReport) {
  EXPECT_TRUE(fs::exists(trained_run() / "weights/last.safetensors"));
  EXPECT_TRUE(fs::exists(trained_run() / "weights/best.safetensors"));
  EXPECT_TRUE(fs::exists(trained_run() / "metrics.csv"));
  ScratchDirectory scratch;
  const CommandResult evaluated = run_command(evaluate_command(2, trained_run(), scratch / "eval", "--scales 0.5,1 --flip"));
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
  EXPECT_THAT(read(scratch / "eval/iou.txt"), HasSubstr("Mean:"));
  EXPECT_THAT(read(scratch / "eval/report/index.html"), HasSubstr("</html>"));
}

TEST(Pipeline, EvaluationCountsTheSameIntegersOnOneTwoAndThreeRanks) {
  ScratchDirectory scratch;
  nlohmann::json first;
  for (int ranks : {1, 2, 3}) {
    const fs::path output = scratch / fmt::format("eval-{}", ranks);
    const CommandResult evaluated = run_command(evaluate_command(ranks, trained_run(), output));
    ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
    const nlohmann::json metrics = nlohmann::json::parse(read(output / "metrics.json"));
    EXPECT_EQ(metrics.at("images"), 5);
    if (ranks == 1) first = metrics.at("confusion");
    EXPECT_EQ(metrics.at("confusion"), first) << ranks << " ranks";
  }
}

// The last row of metrics.csv, which ends in val_loss, mean_iu, acc, acc_cls, fwavacc.
double last_mean_iu(const fs::path& run) {
  std::string row = read(run / "metrics.csv");
  row.erase(row.find_last_not_of('\n') + 1);
  for (int after = 0; after < 3; ++after) row.erase(row.rfind(','));
  return std::stod(row.substr(row.rfind(',') + 1));
}

TEST(Pipeline, ARunWithEveryAugmentationIsValidatedAsItIsEvaluatedAtTheSameLongEdge) {
  ScratchDirectory scratch;
  const std::string augmentation =
      "--augment.full_crop --augment.translate_fix --augment.rand_augment 2,9 --augment.blur bilateral --augment.pre_size 80 ";
  const CommandResult trained =
      run_command(train_command(2, scratch / "run", augmentation + "--schedule.epochs 1 --validation.long_edge 48"));
  ASSERT_EQ(trained.exit_code, 0) << trained.errors;
  const auto mean_iu = [&](const std::string& name, const std::string& more) {
    const CommandResult evaluated = run_command(evaluate_command(2, scratch / "run", scratch / name, more));
    EXPECT_EQ(evaluated.exit_code, 0) << evaluated.errors;
    return nlohmann::json::parse(read(scratch / name / "metrics.json")).at("mean_iu").get<double>();
  };
  EXPECT_DOUBLE_EQ(mean_iu("at-48", "--long-edge 48"), last_mean_iu(scratch / "run"));
  EXPECT_NE(mean_iu("as-stored", ""), last_mean_iu(scratch / "run"));
}

TEST(Pipeline, AFinishedRunStartedAgainIsAlreadyComplete) {
  const CommandResult again = run_command(train_command(2, trained_run()));
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_THAT(again.errors + again.output, HasSubstr("already complete"));
}

TEST(Pipeline, NothingReachesForANetwork) {
  ScratchDirectory scratch;
  const CommandResult trained = run_command(without_network(train_command(2, scratch / "run", "--schedule.epochs 1")));
  ASSERT_EQ(trained.exit_code, 0) << trained.errors;
  const CommandResult evaluated = run_command(without_network(evaluate_command(2, scratch / "run", scratch / "eval")));
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.errors;
}

TEST(Pipeline, TrainingWithoutADatasetSaysWhereItLooked) {
  ScratchDirectory scratch;
  const CommandResult result =
      run_command(program("strata-train", 2) + fmt::format("--config '{}' --data '{}' --run '{}'", tiny_config().string(),
                                                           (scratch / "nowhere").string(), (scratch / "run").string()));
  EXPECT_EQ(result.exit_code, 66) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("nowhere"));
}

TEST(Pipeline, AnUnknownOptionIsRefusedWithTheNearestKnownOne) {
  const CommandResult result = run_command(program("strata-train") + "--optimizer.lrr 0.1");
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_THAT(result.errors, HasSubstr("optimizer.lr"));
}

TEST(Pipeline, ADamagedShardIsNamed) {
  ScratchDirectory scratch;
  const fs::path copy = scratch / "data";
  fs::copy(tiny_dataset().data, copy);
  std::string damaged = read(copy / "train-00000.h5");
  damaged.resize(damaged.size() / 2);
  FILE* file = std::fopen((copy / "train-00000.h5").c_str(), "wb");
  ASSERT_NE(file, nullptr);
  std::fwrite(damaged.data(), 1, damaged.size(), file);
  std::fclose(file);
  const CommandResult result =
      run_command(program("strata-train", 2) + fmt::format("--config '{}' --data '{}' --run '{}'", tiny_config().string(),
                                                           copy.string(), (scratch / "run").string()));
  EXPECT_EQ(result.exit_code, 65) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("train-00000.h5"));
}

// `into` becomes a copy of one of two datasets with the other's shard of this name, filled up with zeros to the same length.
void put_foreign_shard(const fs::path& one, const fs::path& other, const std::string& shard, const fs::path& into) {
  const bool one_is_longer = fs::file_size(one / shard) > fs::file_size(other / shard);
  fs::copy(one_is_longer ? one : other, into);
  const auto bytes = fs::file_size(into / shard);
  fs::copy_file((one_is_longer ? other : one) / shard, into / shard, fs::copy_options::overwrite_existing);
  fs::resize_file(into / shard, bytes);
}

TEST(Pipeline, AShardOfAnotherDatasetIsRefusedByTrainingAndEvaluation) {
  ScratchDirectory scratch;
  const fs::path other = scratch / "other";
  const CommandResult made =
      run_command(program("strata-scenes") +
                  fmt::format("--output '{}' --count 13 --val-count 5 --size 96x64 --seed 4 && ", other.string() + ".raw") +
                  program("strata-preprocess") +
                  fmt::format("--dataset cityscapes --input '{0}.raw' --output '{0}' --splits train,val", other.string()));
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  put_foreign_shard(tiny_dataset().data, other, "train-00000.h5", scratch / "train");
  put_foreign_shard(tiny_dataset().data, other, "val-00000.h5", scratch / "val");
  const CommandResult trained =
      run_command(program("strata-train", 2) + fmt::format("--config '{}' --data '{}' --run '{}'", tiny_config().string(),
                                                           (scratch / "train").string(), (scratch / "run").string()));
  EXPECT_EQ(trained.exit_code, 65) << trained.errors;
  EXPECT_THAT(trained.errors, AllOf(HasSubstr("train-00000.h5"), HasSubstr("holds other samples than the manifest's")));
  EXPECT_FALSE(fs::exists(scratch / "run/metrics.csv"));
  const CommandResult evaluated =
      run_command(program("strata-evaluate", 2) + fmt::format("--data '{}' --split val --weights '{}' --output '{}'",
                                                              (scratch / "val").string(), trained_run().string(),
                                                              (scratch / "eval").string()));
  EXPECT_EQ(evaluated.exit_code, 65) << evaluated.errors;
  EXPECT_THAT(evaluated.errors, AllOf(HasSubstr("val-00000.h5"), HasSubstr("holds other samples than the manifest's")));
  EXPECT_FALSE(fs::exists(scratch / "eval/metrics.json"));
}

TEST(Pipeline, SeveralTasksWithAOneRankWorldAreRefused) {
  ScratchDirectory scratch;
  const CommandResult result = run_command(
      "SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=4 " + train_command(0, scratch / "run"));
  EXPECT_EQ(result.exit_code, 78) << result.errors;
}

TEST(Pipeline, ARunDirectoryThatCannotBeWrittenIsRefusedBeforeAnyWork) {
  const CommandResult result = run_command(train_command(2, "/proc/strata-run"));
  EXPECT_EQ(result.exit_code, 73) << result.errors;
}

TEST(Pipeline, ADiskTooSmallForTheRunIsRefusedBeforeAnyWork) {
  ScratchDirectory scratch;
  const fs::path disk = scratch / "disk";
  fs::create_directory(disk);
  const std::string mount = fmt::format("mount -t tmpfs -o size=3m tmpfs {}", disk.string());
  const CommandResult result = run_command(with_mount(mount, train_command(2, disk / "run")));
  EXPECT_EQ(result.exit_code, 74) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("Nothing was trained yet"));
}

// Somebody else fills the disk after the first checkpoint, and clears it afterwards.
TEST(Pipeline, AFullDiskEndsTrainingWithTheLastGoodCheckpointKept) {
  ScratchDirectory scratch;
  const fs::path disk = scratch / "disk";
  fs::create_directory(disk);
  const std::string mount = fmt::format("mount -t tmpfs -o size=80m tmpfs {}", disk.string());
  const std::string train = train_command(2, disk / "run") + " --schedule.epochs 4000 --checkpoint.every_steps 1";
  const std::string script = fmt::format(
      "({0}) & trainer=$!; until [ -d {1}/run/checkpoints/gen-000001 ]; do sleep 0.05; done; "
      "cat /dev/zero > {1}/filler 2>/dev/null; wait $trainer; full=$?; rm {1}/filler; "
      "{2} --schedule.epochs 4000 --time-limit 20; echo \"codes $full $?\"",
      train, disk.string(), train_command(2, disk / "run"));
  const CommandResult result = run_command(with_mount(mount, script));
  EXPECT_THAT(result.output, HasSubstr("codes 74 75")) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("No space left"));
  EXPECT_THAT(result.errors, HasSubstr("continues after step"));
}

}  // namespace
}  // namespace strata::testing
