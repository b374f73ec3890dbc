#include "evaluation/evaluator.h"

#include "base/error.h"
#include "base/files.h"
#include "comm/agreement.h"
#include "evaluation/partial_results.h"
#include "lib/evaluation/tiny.h"
#include "support/paths.h"

#include <gmock/gmock.h>

namespace strata {
namespace {

using ::testing::HasSubstr;
using testing::ScratchDirectory;

// The same directory on every rank, removed by root.
class Evaluator : public ::testing::Test {
 protected:
  Evaluator() : world_(Communicator::world()) { directory_ = world_.broadcast(scratch_.path().string()); }
  ~Evaluator() override { world_.barrier(); }

  Dataset dataset(const testing::TinyDataset& options = {}) {
    on_root(world_, [&] { testing::write_tiny_dataset(directory_ / "data", options); });
    return Dataset(directory_ / "data", "val");
  }

  Communicator world_;
  ScratchDirectory scratch_;
  std::filesystem::path directory_;
  std::shared_ptr<SegmentationModel> model_ = testing::tiny_model();
  InferenceOptions options_{.scales = {0.5, 1.0}, .flip = InferenceOptions::Flip::kYes};
};

void expect_same(const SplitResult& one, const SplitResult& other) {
  EXPECT_EQ(one.confusion.counts(), other.confusion.counts());
  EXPECT_EQ(one.val_loss, other.val_loss);  // bit for bit
  EXPECT_EQ(one.val_loss_reference, other.val_loss_reference);
}

void expect_same_images(const SplitResult& one, const SplitResult& other) {
  ASSERT_EQ(one.images.size(), other.images.size());
  for (size_t i = 0; i < one.images.size(); ++i) {
    EXPECT_EQ(one.images[i].sample, other.images[i].sample);
    EXPECT_EQ(one.images[i].confusion, other.images[i].confusion);
    EXPECT_EQ(one.images[i].loss, other.images[i].loss);
  }
}

TEST_F(Evaluator, any_number_of_ranks_gives_the_same_integers_and_losses) {
  for (int images : {1, 2, 6, 7}) {
    const Dataset data = dataset({.images = images});
    const SplitResult alone = evaluate_split(*model_, data, options_, Communicator(), torch::kCPU);
    const SplitResult together = evaluate_split(*model_, data, options_, world_, torch::kCPU);
    expect_same(alone, together);
    EXPECT_TRUE(together.complete);
    EXPECT_GT(together.val_loss, 0);
    EXPECT_EQ(together.images.size(), world_.is_root() ? static_cast<size_t>(images) : 0u);
    if (world_.is_root()) expect_same_images(alone, together);
    world_.barrier();  // before root writes the next dataset
  }
}

TEST_F(Evaluator, each_image_is_done_once_by_one_rank) {
  const Dataset data = dataset();
  std::vector<int64_t> times(data.size());
  EvaluationHooks hooks;
  hooks.on_image = [&](const ImageResult& result, const ImageOutputs& outputs) {
    ++times[result.sample];
    EXPECT_EQ(outputs.logits_CHW.size(0), 3);
    EXPECT_EQ(outputs.attention_HW.size(), 1u);
    EXPECT_EQ(static_cast<int>(result.sample) % world_.size(), world_.rank());
  };
  evaluate_split(*model_, data, options_, world_, torch::kCPU, hooks);
  world_.sum(std::span(times));
  EXPECT_THAT(times, ::testing::Each(1));
}

TEST_F(Evaluator, counts_every_valid_pixel_and_no_other) {
  const Dataset data = dataset();
  const SplitResult result = evaluate_split(*model_, data, options_, world_, torch::kCPU);
  int64_t valid = 0, all = 0;
  for (size_t i = 0; i < data.size(); ++i) {
    all += int64_t{data.sample(i).height} * data.sample(i).width;
    for (uint64_t pixels : data.sample(i).class_pixels) valid += static_cast<int64_t>(pixels);
  }
  EXPECT_EQ(result.confusion.total(), valid);
  EXPECT_LT(valid, all);
}

TEST_F(Evaluator, puts_the_network_back_into_the_mode_it_found) {
  const Dataset data = dataset();
  model_->train();
  evaluate_split(*model_, data, options_, world_, torch::kCPU);
  EXPECT_TRUE(model_->is_training());
  model_->eval();
  evaluate_split(*model_, data, options_, world_, torch::kCPU);
  EXPECT_FALSE(model_->is_training());
}

TEST_F(Evaluator, an_evaluation_stopped_and_continued_gives_what_a_straight_one_gives) {
  const Dataset data = dataset();
  const SplitResult straight = evaluate_split(*model_, data, options_, world_, torch::kCPU);
  const PartialResultsOptions partial{.directory = directory_ / "partial", .key = "this one", .num_classes = 3};
  size_t done = 0;
  for (int start = 1;; ++start) {  // one round a start
    EvaluationHooks hooks;
    on_root(world_, [&] { hooks.finished = collect_partial_results(partial); });
    if (world_.is_root()) {
      EXPECT_EQ(hooks.finished.size(), done);
    }
    PartialResults own(partial, world_.rank());
    hooks.on_image = [&own](const ImageResult& image, const ImageOutputs&) { own.add(image); };
    hooks.on_progress = [&](size_t images, size_t total) {
      EXPECT_EQ(total, data.size());
      done = images;
    };
    hooks.stop = [] { return true; };
    const SplitResult result = evaluate_split(*model_, data, options_, world_, torch::kCPU, hooks);
    own.save();
    world_.barrier();
    ASSERT_LE(start * world_.size(), static_cast<int>(data.size()) + world_.size() - 1);
    if (!result.complete) continue;
    expect_same(straight, result);
    if (world_.is_root()) expect_same_images(straight, result);
    EXPECT_EQ(start, (static_cast<int>(data.size()) + world_.size() - 1) / world_.size());
    return;
  }
}

TEST_F(Evaluator, an_image_that_cannot_be_used_is_the_same_error_on_every_rank) {
  const Dataset data = dataset({.images = 4, .image_with_unknown_id = 1});
  try {
    evaluate_split(*model_, data, options_, world_, torch::kCPU);
    FAIL() << "raw id 9 was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("street/001"));
  }
}

}  // namespace
}  // namespace strata
