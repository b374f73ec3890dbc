// Three training steps of each loss, and inference at four scales, in double against parity/models.h5.

#include "lib/models/reference_model.h"

#include <torch/types.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace strata {
namespace {

using namespace testing;

class TrainingOfTheReference : public ::testing::TestWithParam<const char*> {};

TEST_P(TrainingOfTheReference, WithCrossEntropyAgreesForThreeSteps) {
  ReferenceModel(GetParam()).expect_training(ReferenceModel::Loss::kCrossEntropy, 3);
}

TEST_P(TrainingOfTheReference, WithRmiAgreesForThreeSteps) {
  ReferenceModel(GetParam()).expect_training(ReferenceModel::Loss::kRmi, 3);
}

class FourScalesOfTheReference : public ::testing::TestWithParam<const char*> {};

TEST_P(FourScalesOfTheReference, AgreeInThePrediction) {
  const ReferenceModel reference(GetParam());
  reference.model()->eval();
  const torch::Tensor image = reference.images().narrow(0, 0, 1);
  const InferenceOutputs outputs = reference.model()->forward_inference(image, {2, 0.25, 1, 0.5});
  reference.expect_output(outputs.pred_NCHW, "nscale_0.25_0.5_1.0_2.0/pred", 1e-9);
}

std::string test_name(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Networks, TrainingOfTheReference,
                         ::testing::Values("ocrnet.HRNet_Mscale", "ocrnet.HRNet", "basic.HRNet", "basic.HRNet_ASP",
                                           "deepv3.DeepV3PlusR50", "deepv3.DeepV3PlusW38", "deepv3.DeepV3PlusX71",
                                           "deeper.DeeperW38", "mscale.DeepV3R50", "mscale.HRNet", "mscale2.DeepV3R50",
                                           "attnscale.DeepV3R50"),
                         test_name);

INSTANTIATE_TEST_SUITE_P(Networks, FourScalesOfTheReference,
                         ::testing::Values("mscale.DeepV3R50", "mscale.HRNet", "mscale2.DeepV3R50"), test_name);

}  // namespace
}  // namespace strata
