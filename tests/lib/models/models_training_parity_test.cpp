// Three training steps of each loss in double against parity/models.h5.

#include "lib/models/reference_model.h"

#include <torch/types.h>

#include <gtest/gtest.h>

namespace strata {
namespace {

using namespace testing;

TEST(TrainingOfTheReference, MultiScaleNetworkWithCrossEntropyAgreesForThreeSteps) {
  ReferenceModel("ocrnet.HRNet_Mscale").expect_training(ReferenceModel::Loss::kCrossEntropy, 3);
}

TEST(TrainingOfTheReference, MultiScaleNetworkWithRmiAgreesForThreeSteps) {
  ReferenceModel("ocrnet.HRNet_Mscale").expect_training(ReferenceModel::Loss::kRmi, 3);
}

TEST(TrainingOfTheReference, SingleScaleNetworkWithCrossEntropyAgreesForThreeSteps) {
  ReferenceModel("ocrnet.HRNet").expect_training(ReferenceModel::Loss::kCrossEntropy, 3);
}

TEST(TrainingOfTheReference, SingleScaleNetworkWithRmiAgreesForThreeSteps) {
  ReferenceModel("ocrnet.HRNet").expect_training(ReferenceModel::Loss::kRmi, 3);
}

}  // namespace
}  // namespace strata
