#include "base/error.h"
#include "lib/models/small_model.h"
#include "models/safetensors.h"

#include <torch/types.h>

#include <gmock/gmock.h>
#include <cmath>

namespace strata {
namespace {

using namespace testing;

torch::Tensor initial(const ModelOptions& options, const std::string& name) { return *state_of(*make_model(options)).find(name); }

double deviation(const torch::Tensor& values) { return values.std().item<double>(); }

TEST(InitialWeights, AreTheSameForTheSameSeedAndDifferForAnother) {
  ModelOptions options = small_options();
  const NamedTensors first = state_of(*make_model(options)), again = state_of(*make_model(options));
  for (size_t i = 0; i < first.tensors.size(); ++i) {
    EXPECT_TRUE(torch::equal(first.tensors[i].second, again.tensors[i].second)) << first.tensors[i].first;
  }
  options.seed = 4;
  EXPECT_FALSE(torch::equal(*first.find("backbone.conv1.weight"), initial(options, "backbone.conv1.weight")));
}

TEST(InitialWeights, OfATensorDependOnNoOther) {
  ModelOptions options = small_options();
  const torch::Tensor before = initial(options, "ocr.conv3x3_ocr.0.weight");
  options.num_classes = 7;
  options.name = "ocrnet.HRNet";
  EXPECT_TRUE(torch::equal(before, initial(options, "ocr.conv3x3_ocr.0.weight")));
}

TEST(InitialWeights, OfTwoLayersOfOneShapeDiffer) {
  const NamedTensors state = state_of(*make_model(small_options()));
  EXPECT_FALSE(torch::equal(*state.find("backbone.stage2.0.branches.0.0.conv1.weight"),
                            *state.find("backbone.stage2.0.branches.0.0.conv2.weight")));
}

TEST(InitialWeights, KaimingFollowsFanOutAndPredictorsStayModest) {
  const NamedTensors state = state_of(*make_model(small_options()));
  const auto& convolution = *state.find("backbone.stage4.0.branches.3.0.conv1.weight");  // 128 -> 128, 3x3
  EXPECT_NEAR(deviation(convolution), std::sqrt(2.0 / (128 * 9)), 0.001);
  EXPECT_EQ(state.find("ocr.conv3x3_ocr.0.bias")->abs().max().item<double>(), 0);
  EXPECT_LE(state.find("ocr.cls_head.weight")->abs().max().item<double>(), 1 / std::sqrt(16.0));
  EXPECT_LE(state.find("scale_attn.conv2.weight")->abs().max().item<double>(), 1 / std::sqrt(8.0));
}

TEST(InitialWeights, ReferenceIsNarrowInTheTrunkAndByFanInElsewhere) {
  ModelOptions options = small_options();
  options.init = Init::kReference;
  const NamedTensors state = state_of(*make_model(options));
  EXPECT_NEAR(deviation(*state.find("backbone.stage4.0.branches.3.0.conv1.weight")), 0.001, 0.00002);
  const double bound = 1 / std::sqrt(240.0 * 9);  // 16 + 32 + 64 + 128 channels, 3x3
  const auto& weight = *state.find("ocr.conv3x3_ocr.0.weight");
  EXPECT_LE(weight.abs().max().item<double>(), bound);
  EXPECT_NEAR(deviation(weight), bound / std::sqrt(3.0), 0.05 * bound);
  EXPECT_GT(state.find("ocr.conv3x3_ocr.0.bias")->abs().max().item<double>(), 0);
}

TEST(InitialWeights, LeaveNormsAtOneAndZero) {
  const NamedTensors state = state_of(*make_model(small_options()));
  EXPECT_TRUE(torch::equal(*state.find("backbone.bn1.weight"), torch::ones(32)));
  EXPECT_TRUE(torch::equal(*state.find("backbone.bn1.bias"), torch::zeros(32)));
}

}  // namespace
}  // namespace strata
