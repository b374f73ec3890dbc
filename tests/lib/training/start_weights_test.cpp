#include "training/start_weights.h"

#include "base/error.h"
#include "lib/models/pth_writer.h"
#include "lib/models/small_model.h"
#include "models/weight_file.h"
#include "support/message_of.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <fstream>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Weights of a run over `classes` classes with another seed.
std::filesystem::path put_weights(const ScratchDirectory& scratch, int classes) {
  ModelOptions options = small_options();
  options.num_classes = classes;
  options.seed = 99;
  save_weights(*make_model(options), {}, scratch / "w.safetensors");
  return scratch / "w.safetensors";
}

TEST(Start, without_a_file_is_none) {
  EXPECT_FALSE(read_start({}, small_options()));
  EXPECT_EQ(start_sha256({}), "");
}

TEST(Start, takes_weights_and_leaves_the_optimizer_as_new) {
  const ScratchDirectory scratch;
  const StartOptions options = {.weights = put_weights(scratch, 5)};
  EXPECT_EQ(start_sha256(options).size(), 64u);
  const auto start = read_start(options, small_options());
  ASSERT_TRUE(start);
  EXPECT_EQ(epochs_done(*start), 0u);
  const auto model = make_model(small_options());
  const auto optimizer = make_optimizer({}, *model);
  apply_start_weights(*start, options, *model);
  apply_start_momenta(*start, options, *optimizer);
  EXPECT_TRUE(torch::equal(*state_of(*model).find("scale_attn.conv2.weight"), *start->model.find("scale_attn.conv2.weight")));
  EXPECT_TRUE(optimizer->state().tensors.empty());
}

TEST(Start, with_other_classes_keeps_new_heads) {
  const ScratchDirectory scratch;
  const StartOptions options = {.weights = put_weights(scratch, 7)};
  const auto start = read_start(options, small_options());
  const auto model = make_model(small_options());
  const torch::Tensor head = state_of(*model).find("ocr.cls_head.bias")->clone();
  apply_start_weights(*start, options, *model);
  EXPECT_TRUE(torch::equal(*state_of(*model).find("ocr.cls_head.bias"), head));
  EXPECT_TRUE(torch::equal(*state_of(*model).find("scale_attn.conv2.weight"), *start->model.find("scale_attn.conv2.weight")));
}

TEST(Start, that_does_not_fit_is_refused_by_file_and_tensor) {
  const ScratchDirectory scratch;
  const StartOptions options = {.weights = put_weights(scratch, 5)};
  const auto start = read_start(options, small_options());
  ModelOptions other = small_options();
  other.ocr_channels = 32;
  const auto model = make_model(other);
  EXPECT_THAT(message_of<FormatError>([&] { apply_start_weights(*start, options, *model); }),
              AllOf(HasSubstr("[model] weights = "), HasSubstr("of another shape: ocr.conv3x3_ocr.0.weight")));
}

TEST(Start, of_weights_alone_cannot_be_continued) {
  const ScratchDirectory scratch;
  const StartOptions options = {.weights = put_weights(scratch, 5), .use = StartOptions::Use::kContinue};
  EXPECT_THAT(message_of<ConfigError>([&] { read_start(options, small_options()); }),
              AllOf(HasSubstr("no training to be continued"), HasSubstr("[model] use = weights")));
}

TEST(Start, of_a_references_checkpoint_has_momenta_and_epochs) {
  const ScratchDirectory scratch;
  const SmallCheckpoint small = small_checkpoint(PthForm::kZip);
  std::ofstream(scratch / "x.pth", std::ios::binary) << pth_of(small.pickle, small.storages, PthForm::kZip);
  const auto start = read_start({.weights = scratch / "x.pth", .use = StartOptions::Use::kContinue}, small_options());
  ASSERT_TRUE(start);
  EXPECT_EQ(epochs_done(*start), 45u);
  ASSERT_EQ(start->optimizer.tensors.size(), 2u);
  EXPECT_EQ(start->optimizer.tensors[0].first, "momentum.backbone.conv1.weight");
}

}  // namespace
}  // namespace strata::testing
