#include "models/channels_last.h"

#include "base/files.h"
#include "lib/models/small_model.h"
#include "models/weight_file.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

using testing::small_options;

struct Trained {
  torch::Tensor pred_NCHW;
  std::vector<torch::Tensor> gradients;
};

Trained train(SegmentationModel& model) {
  model.train();
  torch::manual_seed(1);
  const torch::Tensor images = torch::randn({2, 3, 64, 96}).contiguous(torch::MemoryFormat::ChannelsLast);
  Trained trained{model.forward_training(images, {0, {0, 1}}).pred_NCHW, {}};
  trained.pred_NCHW.square().mean().backward();
  for (const torch::Tensor& parameter : model.parameters()) {
    if (parameter.grad().defined()) trained.gradients.push_back(parameter.grad());
  }
  return trained;
}

TEST(ChannelsLast, ChangesNeitherPredictionsNorGradientsBeyondRounding) {
  const auto plain = make_model(small_options()), laid_out = make_model(small_options());
  lay_out_channels_last(*laid_out);
  const Trained expected = train(*plain), found = train(*laid_out);
  EXPECT_TRUE(torch::allclose(found.pred_NCHW, expected.pred_NCHW, 1e-4, 1e-5));
  ASSERT_EQ(found.gradients.size(), expected.gradients.size());
  for (size_t i = 0; i < found.gradients.size(); ++i) {
    const double difference = (found.gradients[i] - expected.gradients[i]).norm().item<double>();
    EXPECT_LE(difference, 1e-3 * expected.gradients[i].norm().item<double>() + 1e-6) << i;
  }
}

TEST(ChannelsLast, GivesGradientsTheLayoutOfTheirWeights) {
  const auto model = make_model(small_options());
  lay_out_channels_last(*model);
  train(*model);
  for (const torch::Tensor& parameter : model->parameters()) {
    EXPECT_TRUE(parameter.dim() != 4 || parameter.is_contiguous(torch::MemoryFormat::ChannelsLast));
    EXPECT_TRUE(!parameter.grad().defined() || parameter.grad().strides() == parameter.strides());
  }
}

TEST(ChannelsLast, LeavesTheBytesOfWeightFilesAsTheyAre) {
  testing::ScratchDirectory scratch;
  const auto model = make_model(small_options());
  save_weights(*model, {}, scratch / "before");
  lay_out_channels_last(*model);
  save_weights(*model, {}, scratch / "after");
  EXPECT_EQ(read_text_file(scratch / "after"), read_text_file(scratch / "before"));
}

}  // namespace
}  // namespace strata
