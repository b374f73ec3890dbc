#include "config/training_options.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Not;

std::optional<TrainingOptions> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"strata-train", "--data", "D", "--run", "R"});
  return parse_training_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(TrainingOptions, DefaultsAreThoseOfTheStructs) {
  const TrainingOptions parsed = *parse({}), plain;
  EXPECT_EQ(parsed.data, "D");
  EXPECT_EQ(parsed.run, "R");
  EXPECT_EQ(parsed.optimizer.lr, plain.optimizer.lr);
  EXPECT_EQ(parsed.schedule.epochs, plain.schedule.epochs);
  EXPECT_EQ(parsed.model.width, plain.model.width);
  EXPECT_EQ(parsed.validation.scales, plain.validation.scales);
}

TEST(TrainingOptions, EveryKeyOfTheDocumentationReachesItsField) {
  const TrainingOptions t = *parse({"--run.seed",
                                    "7",
                                    "--model.width",
                                    "w18-small",
                                    "--model.ocr_channels",
                                    "16",
                                    "--model.align_corners",
                                    "true",
                                    "--model.init",
                                    "reference",
                                    "--loss.name",
                                    "cross_entropy",
                                    "--loss.normalisation",
                                    "per_rank",
                                    "--optimizer.lr",
                                    "0.5",
                                    "--schedule.unit",
                                    "step",
                                    "--loader.global_batch",
                                    "6",
                                    "--loader.micro_batch",
                                    "2",
                                    "--loader.threads",
                                    "3",
                                    "--norm.group",
                                    "2",
                                    "--augment.crop",
                                    "64x32",
                                    "--augment.blur",
                                    "gaussian",
                                    "--sampling.class_uniform_share",
                                    "0.25",
                                    "--checkpoint.every_steps",
                                    "5",
                                    "--validation.scales",
                                    "1",
                                    "--time-limit",
                                    "0:05:00",
                                    "--device",
                                    "cpu",
                                    "--threads",
                                    "2",
                                    "--deterministic",
                                    "false",
                                    "--precision.type",
                                    "fp32"});
  EXPECT_EQ(t.seed, 7u);
  EXPECT_EQ(t.model.seed, 7u);
  EXPECT_EQ(t.loader.seed, 7u);
  EXPECT_EQ(t.model.width, Width::kW18Small);
  EXPECT_EQ(t.model.ocr_channels, 16);
  EXPECT_TRUE(t.model.align_corners);
  EXPECT_EQ(t.model.init, Init::kReference);
  EXPECT_EQ(t.loss.name, LossOptions::Name::kCrossEntropy);
  EXPECT_EQ(t.loss.normalisation, LossOptions::Normalisation::kPerRank);
  EXPECT_EQ(t.optimizer.lr, 0.5);
  EXPECT_EQ(t.schedule.unit, ScheduleOptions::Unit::kStep);
  EXPECT_EQ(t.global_batch, 6);
  EXPECT_EQ(t.loader.global_batch, 6u);
  EXPECT_EQ(t.micro_batch, 2);
  EXPECT_EQ(t.loader.threads, 3);
  EXPECT_EQ(t.norm_group, 2);
  EXPECT_EQ(t.loader.augment.crop_width, 64);
  EXPECT_EQ(t.loader.augment.crop_height, 32);
  EXPECT_EQ(t.loader.augment.blur, AugmentOptions::Blur::kGaussian);
  EXPECT_EQ(t.loader.sampling.class_uniform_share, 0.25);
  EXPECT_EQ(t.checkpoint.every_steps, 5);
  EXPECT_THAT(t.validation.scales, ElementsAre(1));
  EXPECT_EQ(t.stop.time_limit, "0:05:00");
  EXPECT_EQ(t.device, "cpu");
  EXPECT_EQ(t.threads_per_rank, 2);
  EXPECT_FALSE(t.deterministic);
}

TEST(TrainingOptions, WhatMayNotChangeOnResumeIsListedAndNothingElse) {
  const auto keys = parse({})->immutable;
  for (const char* key : {"run.seed", "model.name", "model.width", "loader.global_batch", "norm.group", "loss.name",
                          "augment.crop", "sampling.class_uniform_share", "optimizer.name"}) {
    EXPECT_THAT(keys, Contains(Key(key)));
  }
  for (const char* key : {"optimizer.lr", "schedule.epochs", "time-limit", "log-level", "threads", "loader.threads",
                          "loader.micro_batch", "checkpoint.every_seconds", "data", "run"}) {
    EXPECT_THAT(keys, Not(Contains(Key(key))));
  }
}

TEST(TrainingOptions, TheResolvedConfigurationReadsBackToItself) {
  strata::testing::ScratchDirectory scratch;
  const std::string resolved =
      parse({"--optimizer.lr", "0.123", "--augment.crop", "64x32", "--validation.scales", "0.5,1"})->resolved_config;
  write_file_atomically(scratch / "config.ini", resolved);
  EXPECT_EQ(parse({"--config", (scratch / "config.ini").c_str()})->resolved_config, resolved);
}

TEST(TrainingOptions, EveryConfigurationOfTheProjectIsAccepted) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(strata::testing::source_dir() / "configs")) {
    if (entry.path().extension() != ".ini") continue;
    EXPECT_TRUE(parse({"--config", entry.path().c_str()})) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST(TrainingOptions, OtherPrecisionsAreRefusedAsConfiguration) {
  EXPECT_THROW(parse({"--precision.type", "bf16"}), ConfigError);
  EXPECT_THROW(parse({"--precision.type", "fp8"}), UsageError);
}

TEST(TrainingOptions, ValuesThatDoNotFitEachOtherAreRefused) {
  EXPECT_THROW(parse({"--augment.scale_min", "2", "--augment.scale_max", "1"}), ConfigError);
  EXPECT_THROW(parse({"--model.use", "continue"}), ConfigError);
  EXPECT_THROW(parse({"--model.partial", "0.5"}), ConfigError);
  EXPECT_THROW(parse({"--loader.micro_batch", "4", "--loader.global_batch", "2"}), ConfigError);
  EXPECT_THROW(parse({"--time-limit", "soon"}), UsageError);
  EXPECT_THROW(parse({"--stop-at", "later"}), UsageError);
  EXPECT_THROW(parse({"--checkpoint.keep", "1"}), UsageError);
}

}  // namespace
}  // namespace strata
