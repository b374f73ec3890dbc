#include "loader/training_loader.h"

#include "base/error.h"
#include "lib/loader/small_dataset.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <thread>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ScratchDirectory;
using testing::SmallDataset;
using testing::write_small_dataset;

class TrainingLoaderTest : public ::testing::Test {
 protected:
  TrainingLoaderOptions options(int threads = 2) const {
    TrainingLoaderOptions o;
    o.global_batch = 4;
    o.threads = threads;
    o.prefetch = 2;
    o.seed = 5;
    o.augment = {.crop_height = 40, .crop_width = 56, .blur = AugmentOptions::Blur::kGaussian};
    return o;
  }
  // All batches from a step to the end of an epoch.
  std::vector<Batch> batches(const TrainingLoaderOptions& o, uint64_t epoch, size_t first_step = 0,
                             TrainingLoader::Share share = {}) const {
    TrainingLoader loader(written.open(), o, share);
    loader.start(epoch, first_step);
    std::vector<Batch> list;
    for (size_t step = first_step; step < loader.steps_per_epoch(); ++step) list.push_back(loader.next());
    return list;
  }

  ScratchDirectory scratch;
  SmallDataset written = write_small_dataset(scratch.path(), {.samples = 22});
};

bool same(const Batch& a, const Batch& b) {
  return torch::equal(a.images_NCHW, b.images_NCHW) && torch::equal(a.labels_NHW, b.labels_NHW) && a.positions == b.positions &&
         a.samples == b.samples && a.names == b.names;
}

TEST_F(TrainingLoaderTest, BatchesAreBytesInChannelsLastAndLongLabelsWithTheirOrigin) {
  const std::vector<Batch> list = batches(options(), 0);
  ASSERT_EQ(list.size(), 5u);  // 22 samples in batches of 4: the tail is dropped
  const Batch& batch = list[3];
  EXPECT_EQ(batch.images_NCHW.sizes(), (std::vector<int64_t>{4, 3, 40, 56}));
  EXPECT_EQ(batch.images_NCHW.scalar_type(), torch::kUInt8);
  EXPECT_TRUE(batch.images_NCHW.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(batch.labels_NHW.sizes(), (std::vector<int64_t>{4, 40, 56}));
  EXPECT_EQ(batch.labels_NHW.scalar_type(), torch::kInt64);
  EXPECT_EQ(batch.positions, (std::vector<uint64_t>{12, 13, 14, 15}));
  const auto dataset = written.open();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(batch.names[i], dataset->sample(batch.samples[i]).name);
}

TEST_F(TrainingLoaderTest, BatchesHoldTheViewsOfTheirPositions) {
  const auto dataset = written.open();
  const TrainingLoaderOptions o = options();
  const std::vector<Draw> draws = EpochOrder(*dataset, o.sampling, o.seed).epoch(3);
  const Batch batch = batches(o, 3)[1];
  for (int64_t i = 0; i < 4; ++i) {
    const Draw& draw = draws[static_cast<size_t>(4 + i)];
    const Sample& sample = dataset->sample(draw.sample);
    const AugmentPlan plan = plan_augmentation(o.augment, static_cast<int>(sample.height), static_cast<int>(sample.width),
                                               draw.centroid, {o.seed, 3, static_cast<uint64_t>(4 + i)});
    const AugmentedSample view = read_augmented(*dataset, draw.sample, plan);
    const torch::Tensor frame_HWC = batch.images_NCHW[i].permute({1, 2, 0}).contiguous();
    EXPECT_TRUE(std::equal(view.frame.pixels.begin(), view.frame.pixels.end(), frame_HWC.data_ptr<uint8_t>()));
    EXPECT_TRUE(std::equal(view.labels.pixels.begin(), view.labels.pixels.end(), batch.labels_NHW[i].data_ptr<int64_t>()));
  }
}

TEST_F(TrainingLoaderTest, ContentDoesNotDependOnTheNumberOfThreads) {
  const std::vector<Batch> one = batches(options(1), 2);
  for (int threads : {2, 5}) {
    const std::vector<Batch> many = batches(options(threads), 2);
    ASSERT_EQ(many.size(), one.size());
    for (size_t step = 0; step < one.size(); ++step)
      EXPECT_TRUE(same(one[step], many[step])) << "step " << step << ", " << threads << " threads";
  }
}

TEST_F(TrainingLoaderTest, TheBatchesOfTwoRanksAreTheTwoHalvesOfOneRanks) {
  const std::vector<Batch> whole = batches(options(), 1), left = batches(options(), 1, 0, {0, 2}),
                           right = batches(options(), 1, 0, {1, 2});
  ASSERT_EQ(left.size(), whole.size());
  for (size_t step = 0; step < whole.size(); ++step) {
    EXPECT_TRUE(torch::equal(torch::cat({left[step].images_NCHW, right[step].images_NCHW}), whole[step].images_NCHW));
    EXPECT_TRUE(torch::equal(torch::cat({left[step].labels_NHW, right[step].labels_NHW}), whole[step].labels_NHW));
    EXPECT_EQ(right[step].positions.front(), whole[step].positions[2]);
  }
}

TEST_F(TrainingLoaderTest, AnEpochBegunInTheMiddleGoesOnAsIfBegunAtItsStart) {
  const std::vector<Batch> whole = batches(options(), 1), rest = batches(options(), 1, 3);
  ASSERT_EQ(rest.size(), 2u);
  for (size_t i = 0; i < rest.size(); ++i) EXPECT_TRUE(same(rest[i], whole[3 + i]));
}

TEST_F(TrainingLoaderTest, StartingAgainDropsWhatWasUnderWay) {
  TrainingLoader loader(written.open(), options(), {});
  loader.start(0, 0);
  loader.next();
  loader.start(1, 2);
  EXPECT_TRUE(same(loader.next(), batches(options(), 1)[2]));
}

TEST_F(TrainingLoaderTest, EpochsAndSeedsGiveOtherBatches) {
  TrainingLoaderOptions other = options();
  other.seed = 6;
  const Batch batch = batches(options(), 0)[0];
  EXPECT_FALSE(torch::equal(batch.images_NCHW, batches(options(), 1)[0].images_NCHW));
  EXPECT_FALSE(torch::equal(batch.images_NCHW, batches(other, 0)[0].images_NCHW));
}

TEST_F(TrainingLoaderTest, WithoutClassSamplingNoSampleComesTwice) {
  TrainingLoaderOptions o = options();
  o.sampling.class_uniform_share = 0;
  std::multiset<uint32_t> samples;
  for (const Batch& batch : batches(o, 0)) samples.insert(batch.samples.begin(), batch.samples.end());
  EXPECT_EQ(samples.size(), 20u);
  EXPECT_EQ(std::set<uint32_t>(samples.begin(), samples.end()).size(), 20u);
}

TEST_F(TrainingLoaderTest, ACropAtACentroidShowsTheCentroidsClass) {
  TrainingLoaderOptions o = options();
  o.sampling.class_uniform_share = 1;
  int at_centroids = 0;
  for (uint64_t epoch = 0; epoch < 4; ++epoch) {
    const std::vector<Draw> draws = EpochOrder(*written.open(), o.sampling, o.seed).epoch(epoch);
    for (const Batch& batch : batches(o, epoch)) {
      for (size_t i = 0; i < batch.positions.size(); ++i) {
        const Draw& draw = draws[batch.positions[i]];
        if (!draw.centroid) continue;
        ++at_centroids;
        EXPECT_GT((batch.labels_NHW[static_cast<int64_t>(i)] == draw.centroid->class_id).sum().item<int64_t>(), 0)
            << batch.names[i];
      }
    }
  }
  EXPECT_GE(at_centroids, 4 * 12);  // classes 1 and 2 get 7 of 22 places each; up to two fall in the dropped tail
}

TEST_F(TrainingLoaderTest, ADamagedTileIsAnErrorOfTheBatchThatNeedsIt) {
  const TrainingLoaderOptions o = [this] {
    TrainingLoaderOptions changed = options();
    changed.sampling.class_uniform_share = 0;
    changed.augment.crop_height = changed.augment.crop_width = 200;  // the whole frame at any scale
    changed.augment.scale_max = 1;
    return changed;
  }();
  const auto dataset = written.open();
  const size_t bad = EpochOrder(*dataset, o.sampling, o.seed).epoch(0)[9].sample;  // in step 2
  testing::damage_tile(*dataset, written.directory, bad, dataset->sample(bad).tiles[1]);
  TrainingLoader loader(dataset, o, {});
  loader.start(0, 0);
  for (size_t step = 0; step < loader.steps_per_epoch(); ++step) {
    if (step != 2) {
      EXPECT_NO_THROW(loader.next()) << "step " << step;
      continue;
    }
    try {
      loader.next();
      FAIL() << "the damaged tile went unnoticed";
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr(dataset->sample(bad).name));
    }
  }
}

TEST_F(TrainingLoaderTest, ImpossibleOptionsAreRefusedWithWhatIsPossible) {
  const auto refusal = [this](const TrainingLoaderOptions& o, TrainingLoader::Share share) -> std::string {
    try {
      TrainingLoader loader(written.open(), o, share);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(options(), {0, 3}), AllOf(HasSubstr("4 samples"), HasSubstr("3 ranks"), HasSubstr("1, 2, 4")));
  EXPECT_THAT(refusal(options(0), {}), HasSubstr("threads = 0"));
  TrainingLoaderOptions o = options();
  o.global_batch = 23;
  EXPECT_THROW(TrainingLoader(written.open(), o, {}), DataError);
}

TEST_F(TrainingLoaderTest, WholeFramesOfOneSizeMakeBatchesOfTheirSize) {
  const ScratchDirectory other;
  const SmallDataset equal_frames = write_small_dataset(other.path(), {.samples = 2});
  TrainingLoaderOptions o = options();
  o.global_batch = 2;
  o.augment.crop = AugmentOptions::Crop::kWholeFrame;
  TrainingLoader loader(equal_frames.open(), o, {});
  loader.start(0, 0);
  const Batch batch = loader.next();
  EXPECT_EQ(batch.images_NCHW.sizes(), (std::vector<int64_t>{2, 3, 72, 100}));
  EXPECT_EQ(batch.labels_NHW.sizes(), (std::vector<int64_t>{2, 72, 100}));
}

TEST_F(TrainingLoaderTest, WholeFramesOfDifferentSizesAreRefusedButInBatchesOfOne) {
  TrainingLoaderOptions o = options();
  o.augment.crop = AugmentOptions::Crop::kWholeFrame;
  try {
    TrainingLoader loader(written.open(), o, {});
    FAIL() << "frames of different sizes cannot be one batch";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("full_crop"), HasSubstr("town/0 has 100x72"), HasSubstr("town/2 has 93x77"),
                                    HasSubstr("global_batch = 1")));
  }
  o.global_batch = 1;
  o.sampling.class_uniform_share = 0;
  const auto dataset = written.open();
  for (const Batch& batch : batches(o, 0)) {
    const Sample& sample = dataset->sample(batch.samples[0]);
    EXPECT_EQ(batch.images_NCHW.sizes(), (std::vector<int64_t>{1, 3, sample.height, sample.width}));
  }
}

TEST_F(TrainingLoaderTest, AskingBeyondTheEpochIsABug) {
  TrainingLoader loader(written.open(), options(), {});
  EXPECT_THROW(loader.next(), InternalError);
  loader.start(0, 4);
  loader.next();
  EXPECT_THROW(loader.next(), InternalError);
  EXPECT_GT(loader.waited_seconds(), 0);
}

// Bytes of a line of /proc/self/status.
uint64_t status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return 1024 * std::stoull(line.substr(name.size() + 1));
  }
  return 0;
}

TEST(TrainingLoaderMemory, StaysWithinWhatTheLoaderSaysItHoldsAtMost) {
  const ScratchDirectory large;
  const SmallDataset frames = write_small_dataset(large.path(), {.samples = 6, .height = 1500, .width = 2000, .tile = 256});
  TrainingLoaderOptions options;
  options.global_batch = 4;
  options.threads = 2;
  options.prefetch = 3;
  options.augment = {.crop_height = 512, .crop_width = 768, .blur = AugmentOptions::Blur::kGaussian};
  options.sampling.class_uniform_share = 0;
  const auto dataset = frames.open();
  std::ofstream("/proc/self/clear_refs") << "5";  // the largest resident size begins anew
  const uint64_t before = status_bytes("VmRSS");
  TrainingLoader loader(dataset, options, {});
  for (uint64_t epoch = 0; epoch < 6; ++epoch) {
    loader.start(epoch, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // so that everything is made ahead that may be
    loader.next();
  }
  const uint64_t grown = status_bytes("VmHWM") - before;
  std::printf("%.1f MiB of %.1f MiB\n", static_cast<double>(grown) / (1 << 20),
              static_cast<double>(loader.most_bytes()) / (1 << 20));
  ASSERT_GT(before, 0u);
  EXPECT_LE(grown, loader.most_bytes() + (16 << 20));  // what the allocator keeps for itself
  EXPECT_GE(grown, loader.most_bytes() / 8) << "the bound says nothing";
  // Every third frame is 5 px higher and narrower.
  EXPECT_EQ(loader.most_bytes(), 3u * 4 * 512 * 768 * 11 + 2u * (1500 * 2000 * 3 + 1505 * 768 * 3 + 512 * 768 * 7 + (4 << 20)));
}

}  // namespace
}  // namespace strata
