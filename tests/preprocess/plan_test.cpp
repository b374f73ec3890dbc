#include "preprocess/plan.h"

#include "base/files.h"
#include "preprocess/conversion.h"
#include "preprocess/raw_layout.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <set>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SourceSplit split_of(const std::string& name, const std::vector<uint64_t>& bytes) {
  SourceSplit split{name, {}};
  for (size_t i = 0; i < bytes.size(); ++i)
    split.samples.push_back({name + "/" + std::to_string(i), "frame", "labels", bytes[i], 0});
  return split;
}

Plan plan_of(const std::vector<SourceSplit>& source, uint64_t shard_size) {
  ConversionOptions options;
  options.shard_size_bytes = shard_size;
  return make_plan(source, *make_layout({.dataset = "camvid", .input = "."}), options);
}

TEST(Plan, CutsEachSplitIntoShardsOfEqualBytes) {
  const Plan plan = plan_of({split_of("train", std::vector<uint64_t>(10, 100)), split_of("val", {100})}, 400);
  ASSERT_EQ(plan.shards.size(), 4u);  // 1000 bytes are three shards of 334
  EXPECT_EQ(plan.shards[0].file, "train-00000.h5");
  EXPECT_EQ(plan.shards[2].file, "train-00002.h5");
  EXPECT_EQ(plan.shards[3].file, "val-00000.h5");
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(static_cast<double>(plan.shards[i].source_bytes()), 333, 100);
  EXPECT_EQ(plan.images(), 11u);
  EXPECT_EQ(plan.totals[0].bytes, 1000u);
  EXPECT_EQ(plan.totals[0].files, 20u);
}

TEST(Plan, HoldsEverySampleOnceInOrderWhateverTheSizes) {
  for (const std::vector<uint64_t>& bytes :
       {std::vector<uint64_t>{5000}, {1, 1, 9000, 1, 1}, {9000, 9000, 9000}, {0, 0, 0}, std::vector<uint64_t>(300, 7)}) {
    for (const uint64_t shard_size : {1ull, 100ull, 1000ull, 1ull << 40}) {
      const Plan plan = plan_of({split_of("train", bytes)}, shard_size);
      size_t next = 0;
      for (const PlannedShard& shard : plan.shards) {
        EXPECT_FALSE(shard.samples.empty());
        for (const SourceSample& sample : shard.samples) EXPECT_EQ(sample.name, "train/" + std::to_string(next++));
      }
      EXPECT_EQ(next, bytes.size());
    }
  }
}

TEST(Plan, GivesAShardAnotherFingerprintForWhateverDecidesItsBytes) {
  const SourceSplit source = split_of("train", {100, 200, 300});
  std::set<std::string> fingerprints, sources;
  const auto note = [&](const Plan& plan) {
    fingerprints.insert(plan.shards[0].fingerprint);
    sources.insert(plan.source_sha256);
  };
  ConversionOptions options;
  note(make_plan({source}, *make_layout({.dataset = "camvid", .input = "."}), options));
  note(make_plan({source}, *make_layout({.dataset = "camvid", .input = "."}), options));
  EXPECT_EQ(fingerprints.size(), 1u);
  SourceSplit changed = source;
  changed.samples[1].label_bytes = 1;
  note(make_plan({changed}, *make_layout({.dataset = "camvid", .input = "."}), options));
  changed = source;
  changed.samples[1].name = "other";
  note(make_plan({changed}, *make_layout({.dataset = "camvid", .input = "."}), options));
  EXPECT_EQ(sources.size(), 3u);
  options.tile_size = 512;
  note(make_plan({source}, *make_layout({.dataset = "camvid", .input = "."}), options));
  options.tile_rule = "reference";
  note(make_plan({source}, *make_layout({.dataset = "camvid", .input = "."}), options));
  note(make_plan({source}, *make_layout({.dataset = "cityscapes", .input = "."}), options));  // other labels
  note(make_plan({source}, *make_layout({.dataset = "cityscapes", .input = ".", .cv = 1}), options));
  options.keep = "original";
  note(make_plan({source}, *make_layout({.dataset = "camvid", .input = "."}), options));
  EXPECT_EQ(fingerprints.size(), 8u);
  EXPECT_EQ(sources.size(), 3u);
}

TEST(Plan, WarnsOfFramesThatAreInSeveralSplitsAndNamesOne) {
  const ScratchDirectory scratch;
  write_camvid_like(scratch.path(), {.train = 3, .val = 2});
  const auto warning = [&] {
    ConversionOptions options;
    options.input = scratch.path();
    options.splits = {"train", "val"};
    ::testing::internal::CaptureStderr();
    list_source(*make_layout({.dataset = "camvid", .input = scratch.path()}), options);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(warning(), Not(HasSubstr("several splits")));
  for (const char* frame : {"f_001.png", "f_002.png"}) {
    fs::copy_file(scratch / "train" / frame, scratch / "val" / frame);
    fs::copy_file(scratch / "trainannot" / frame, scratch / "valannot" / frame);
  }
  EXPECT_THAT(warning(), HasSubstr("2 frames are in several splits, e.g. f_001"));
}

TEST(Plan, ReadsTheSourceBackFromText) {
  const std::vector<SourceSplit> source = {split_of("train", {1, 2}), split_of("val", {})};
  EXPECT_EQ(to_text(source_from_text(to_text(source))), to_text(source));
  EXPECT_EQ(source_from_text(to_text(source))[0].samples[1].frame_bytes, 2u);
}

}  // namespace
}  // namespace strata::testing
