#include "config/training_options.h"

#include "base/error.h"
#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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
                                    "--augment.full_crop",
                                    "--augment.translate_fix",
                                    "true",
                                    "--augment.rand_augment",
                                    "2,9",
                                    "--sampling.class_uniform_share",
                                    "0.25",
                                    "--sampling.until_epoch",
                                    "9",
                                    "--sampling.class_bias",
                                    "train=2,traffic light=0.5",
                                    "--sampling.coarse_split",
                                    "train_extra",
                                    "--sampling.coarse_classes",
                                    "train,bus",
                                    "--checkpoint.every_steps",
                                    "5",
                                    "--validation.scales",
                                    "1",
                                    "--validation.long_edge",
                                    "2177",
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
  EXPECT_EQ(t.loader.augment.crop, AugmentOptions::Crop::kWholeFrame);
  EXPECT_EQ(t.loader.augment.small_frame, AugmentOptions::SmallFrame::kAnywhere);
  EXPECT_EQ(t.loader.augment.rand_augment.operations, 2);
  EXPECT_EQ(t.loader.augment.rand_augment.magnitude, 9);
  const SamplingOptions& sampling = t.loader.sampling;
  EXPECT_EQ(sampling.class_uniform_share, 0.25);
  EXPECT_EQ(sampling.until_epoch, 9u);
  ASSERT_EQ(sampling.class_bias.size(), 2u);
  EXPECT_EQ(sampling.class_bias[1].name, "traffic light");
  EXPECT_EQ(sampling.class_bias[1].factor, 0.5);
  EXPECT_EQ(sampling.coarse_split, "train_extra");
  EXPECT_THAT(sampling.coarse_classes, ElementsAre("train", "bus"));
  EXPECT_EQ(t.checkpoint.every_steps, 5);
  EXPECT_THAT(t.validation.scales, ElementsAre(1));
  EXPECT_EQ(t.validation.long_edge, 2177);
  EXPECT_EQ(t.stop.time_limit, "0:05:00");
  EXPECT_EQ(t.device, "cpu");
  EXPECT_EQ(t.threads_per_rank, 2);
  EXPECT_FALSE(t.deterministic);
}

TEST(TrainingOptions, EveryKeyOfLossesOptimisersAndSchedulesReachesItsField) {
  const TrainingOptions t = *parse({"--loss.name",
                                    "ohem",
                                    "--loss.class_weights",
                                    "0.5,2",
                                    "--loss.ohem_threshold",
                                    "0.7",
                                    "--loss.ohem_keep",
                                    "99",
                                    "--loss.image_weights",
                                    "reference",
                                    "--loss.image_weight_bound",
                                    "2",
                                    "--loss.relaxed_epochs",
                                    "5",
                                    "--optimizer.name",
                                    "adam",
                                    "--optimizer.amsgrad",
                                    "true",
                                    "--optimizer.beta1",
                                    "0.8",
                                    "--optimizer.beta2",
                                    "0.95",
                                    "--optimizer.eps",
                                    "1e-6",
                                    "--optimizer.decay_norms_and_biases",
                                    "false",
                                    "--optimizer.clip_norm",
                                    "3",
                                    "--optimizer.ema",
                                    "0.99",
                                    "--schedule.policy",
                                    "scl-poly",
                                    "--schedule.switch_epoch",
                                    "100",
                                    "--schedule.poly_step",
                                    "7",
                                    "--schedule.rescale",
                                    "0.5",
                                    "--schedule.repoly",
                                    "2.5",
                                    "--schedule.warmup_steps",
                                    "12"});
  EXPECT_EQ(t.loss.name, LossOptions::Name::kHardPixels);
  EXPECT_THAT(t.loss.class_weights, ElementsAre(0.5, 2));
  EXPECT_EQ(t.loss.hard_pixels.threshold, 0.7);
  EXPECT_EQ(t.loss.hard_pixels.keep, 99);
  EXPECT_EQ(t.loss.image_weights.source, ImageWeightOptions::Source::kReference);
  EXPECT_EQ(t.loss.image_weights.bound, 2);
  EXPECT_EQ(t.loss.relaxed_border.epochs, 5);
  EXPECT_EQ(t.optimizer.name, OptimizerOptions::Name::kAdam);
  EXPECT_TRUE(t.optimizer.amsgrad);
  EXPECT_EQ(t.optimizer.beta1, 0.8);
  EXPECT_EQ(t.optimizer.beta2, 0.95);
  EXPECT_EQ(t.optimizer.eps, 1e-6);
  EXPECT_FALSE(t.optimizer.decay_norms_and_biases);
  EXPECT_EQ(t.optimizer.clip_norm, 3);
  EXPECT_EQ(t.optimizer.ema, 0.99);
  EXPECT_EQ(t.schedule.policy, ScheduleOptions::Policy::kSclPoly);
  EXPECT_EQ(t.schedule.switch_epoch, 100);
  EXPECT_EQ(t.schedule.poly_step, 7);
  EXPECT_EQ(t.schedule.rescale, 0.5);
  EXPECT_EQ(t.schedule.repoly, 2.5);
  EXPECT_EQ(t.schedule.warmup_steps, 12);
  EXPECT_TRUE(parse({"--loss.ocr_aux_rmi", "true"})->loss.ocr_aux_rmi);
}

TEST(TrainingOptions, ClassWeightsByNameAreTheirNumbersAndReadBack) {
  const auto by_name = parse({"--loss.name", "cross_entropy", "--loss.class_weights", "hrnet_ocr_cityscapes"});
  ASSERT_EQ(by_name->loss.class_weights.size(), 19u);
  EXPECT_EQ(by_name->loss.class_weights[17], 1.1529);
  strata::testing::ScratchDirectory scratch;
  write_file_atomically(scratch / "config.ini", by_name->resolved_config);
  const auto read_back = parse({"--config", (scratch / "config.ini").c_str()});
  EXPECT_EQ(read_back->loss.class_weights, by_name->loss.class_weights);
  EXPECT_EQ(read_back->immutable, by_name->immutable);
  EXPECT_TRUE(parse({"--loss.class_weights", "none"})->loss.class_weights.empty());
  for (const char* wrong : {"cityscapes", "1,-1", "0,0"}) EXPECT_THROW(parse({"--loss.class_weights", wrong}), UsageError);
}

TEST(TrainingOptions, BlursAndRandAugmentHaveTheirNames) {
  using Blur = AugmentOptions::Blur;
  const auto blur = [](const char* name) { return parse({"--augment.blur", name})->loader.augment.blur; };
  EXPECT_EQ(blur("none"), Blur::kNone);
  EXPECT_EQ(blur("bilateral"), Blur::kBilateral);
  EXPECT_EQ(blur("bilateral_reference"), Blur::kBilateralAsScikitImage);
  EXPECT_EQ(parse({})->loader.augment.rand_augment.operations, 0);
  EXPECT_EQ(parse({"--augment.rand_augment", "none"})->loader.augment.rand_augment.operations, 0);
  EXPECT_THAT(parse({"--augment.rand_augment", "3,30"})->resolved_config, HasSubstr("rand_augment = 3,30"));
  EXPECT_THAT(parse({})->resolved_config, HasSubstr("rand_augment = none"));
  for (const char* wrong : {"2", "2,31", "-1,3", "2,3,4", "two,3", "1.5,3", "2,2.5", ""})
    EXPECT_THROW(parse({"--augment.rand_augment", wrong}), UsageError) << wrong;
}

TEST(TrainingOptions, WhatMayNotChangeOnResumeIsListedAndNothingElse) {
  const auto keys = parse({})->immutable;
  for (const char* key : {"run.seed", "model.name", "model.width", "loader.global_batch", "norm.group", "loss.name",
                          "augment.crop", "augment.full_crop", "sampling.class_uniform_share", "optimizer.name", "optimizer.ema",
                          "optimizer.beta1", "loss.class_weights"}) {
    EXPECT_THAT(keys, Contains(Key(key)));
  }
  for (const char* key :
       {"optimizer.lr", "schedule.epochs", "time-limit", "log-level", "threads", "loader.threads", "loader.micro_batch",
        "optimizer.clip_norm", "schedule.warmup_steps", "checkpoint.every_seconds", "data", "run"}) {
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

TEST(TrainingOptions, PrecisionsAndActivationsHaveNames) {
  EXPECT_EQ(parse({})->precision, Precision::kFp32);
  EXPECT_EQ(parse({"--precision.type", "bf16"})->precision, Precision::kBf16);
  EXPECT_EQ(parse({"--precision.type", "fp16"})->precision, Precision::kFp16);
  EXPECT_EQ(parse({})->activations, Activations::kKept);
  EXPECT_EQ(parse({"--memory.activations", "recomputed"})->activations, Activations::kRecomputed);
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
  EXPECT_THROW(parse({"--loss.name", "rmi", "--loss.class_weights", "1,2"}), ConfigError);
  EXPECT_THROW(parse({"--loss.name", "cross_entropy", "--loss.ocr_aux_rmi", "true"}), ConfigError);
  EXPECT_THROW(parse({"--optimizer.name", "radam", "--optimizer.amsgrad", "true"}), ConfigError);
  EXPECT_THROW(parse({"--schedule.policy", "scl-poly"}), ConfigError);
  EXPECT_THROW(parse({"--schedule.policy", "poly2", "--schedule.epochs", "100"}), ConfigError);
}

}  // namespace
}  // namespace strata
