// All networks: parameters and predictions of the reference, for those without a group in parity/models.h5, too.

#include "models/network_cost.h"
#include "models/safetensors.h"
#include "models/segmentation_model.h"
#include "support/rule.h"

#include <torch/types.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <string>

namespace strata {
namespace {

using namespace testing;
using ::testing::UnorderedElementsAreArray;

// Origin: the public reference's code (commit 7726b14) with 19 classes, HRNet in width w48, attnscale at three scales. ResNet-101
// and SE-ResNeXt under DeepLabV3+ were run with the 256 fine channels that they have, instead of those that the reference
// declares.
const std::map<std::string, int64_t> kParameters = {
    {"ocrnet.HRNet", 70372678},
    {"ocrnet.HRNet_Mscale", 72143430},
    {"ocrnet.OCRNetASPP", 79433318},
    {"basic.HRNet", 67579712},
    {"basic.HRNet_ASP", 72186176},
    {"deepv3.DeepV3PlusR50", 40351040},
    {"deepv3.DeepV3PlusR101", 59343168},
    {"deepv3.DeepV3PlusSRNX50", 42353904},
    {"deepv3.DeepV3PlusSRNX101", 63749424},
    {"deepv3.DeepV3PlusW38", 137103936},
    {"deepv3.DeepV3PlusW38I", 137103936},
    {"deepv3.DeepV3PlusX71", 54632240},
    {"deepv3.DeepV3R50", 42259776},
    {"deeper.DeeperW38", 139719232},
    {"deeper.DeeperX71", 57240368},
    {"mscale.DeepV3R50", 41642560},
    {"mscale.DeepV3W38", 138395456},
    {"mscale.DeepV3W38Fuse", 138395456},
    {"mscale.DeepV3W38Fuse2", 138395712},
    {"mscale.DeepV3X71", 55923760},
    {"mscale.HRNet", 69829696},
    {"mscale.HRNet_ASP", 73367104},
    {"mscale.DeeperW38", 140900160},
    {"mscale.DeeperX71", 58421296},
    {"mscale2.DeepV3R50", 42342976},
    {"attnscale.DeepV3R50", 44555072},
    {"attnscale.DeepV3R50B", 43043904},
    {"attnscale.DeepV3R50BP", 42343232},
    {"attnscale.DeepV3W38", 141307968},
};

ModelOptions options_of(const std::string& name) {
  ModelOptions options;
  options.name = name;
  return options;
}

TEST(Networks, AreThoseOfTheReferenceWithAsManyParameters) {
  std::map<std::string, int64_t> counted;
  for (const std::string& name : model_names()) counted[name] = parameter_count(*make_blank_model(options_of(name)));
  EXPECT_THAT(counted, UnorderedElementsAreArray(kParameters));
}

torch::Tensor rule_image(int64_t height, int64_t width) {
  const auto values = uniform(fnv1a64("images"), static_cast<size_t>(3 * height * width));
  return torch::tensor(values, torch::kFloat64).reshape({1, 3, height, width});
}

std::shared_ptr<SegmentationModel> rule_model(const ModelOptions& options) {
  const auto model = make_blank_model(options);
  for (auto& [name, tensor] : state_of(*model).tensors) {
    tensor.copy_(torch::tensor(rule_values(name, tensor.sizes().vec())).reshape(tensor.sizes()));
  }
  model->to(torch::kFloat64);
  model->eval();
  return model;
}

// Origin: the reference in double, weights by rule, at the scales it evaluates without options (one; 0.5 and 1; attnscale: 0.5, 1
// and 2): norm of the prediction, and class 4 in row 40 and column 70.
struct Prediction {
  const char* network;
  std::vector<double> scales;
  double norm, value;
};
std::ostream& operator<<(std::ostream& out, const Prediction& prediction) { return out << prediction.network; }

class NetworkOfTheReference : public ::testing::TestWithParam<Prediction> {};

TEST_P(NetworkOfTheReference, PredictsTheSame) {
  const auto& [network, scales, norm, value] = GetParam();
  const torch::Tensor pred_NCHW = rule_model(options_of(network))->forward_inference(rule_image(64, 96), scales).pred_NCHW;
  EXPECT_NEAR(pred_NCHW.norm().item<double>(), norm, 1e-9 * norm);
  EXPECT_NEAR(pred_NCHW[0][4][40][70].item<double>(), value, 1e-9 * norm);
}

std::string test_name(const ::testing::TestParamInfo<Prediction>& info) {
  std::string name = info.param.network;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

const std::vector<double> kOne = {1}, kTwo = {0.5, 1}, kThree = {0.5, 1, 2};

INSTANTIATE_TEST_SUITE_P(Networks, NetworkOfTheReference,
                         ::testing::Values(Prediction{"ocrnet.OCRNetASPP", kOne, 1821.59411063948, -3.12116497133302},
                                           Prediction{"mscale.HRNet_ASP", kTwo, 2100.19560217833, 7.07259358848171},
                                           Prediction{"deepv3.DeepV3R50", kOne, 46.2201486959758, 0.0878246423605745},
                                           Prediction{"deepv3.DeepV3PlusR101", kOne, 57.8848016782632, -0.0210884050331586},
                                           Prediction{"deepv3.DeepV3PlusSRNX50", kOne, 46.3833367183238, -0.0268989817657339},
                                           Prediction{"deepv3.DeepV3PlusSRNX101", kOne, 44.1420204144339, -0.0133309292496092},
                                           Prediction{"deeper.DeeperX71", kOne, 51.7065245817303, -0.155645248072009},
                                           Prediction{"mscale.DeepV3W38", kTwo, 76.7592137135512, -0.173284210503444},
                                           Prediction{"mscale.DeepV3W38Fuse", kTwo, 75.9889944361621, -0.186689629079388},
                                           Prediction{"mscale.DeepV3W38Fuse2", kTwo, 76.0813125044632, -0.184559761462265},
                                           Prediction{"mscale.DeepV3X71", kTwo, 45.1875787781116, -0.0532161999931916},
                                           Prediction{"mscale.DeeperW38", kTwo, 118.888476094938, -0.21539276058848},
                                           Prediction{"mscale.DeeperX71", kTwo, 50.1129000209838, -0.172345143356926},
                                           Prediction{"attnscale.DeepV3R50B", kThree, 4.07907232807617, -0.0142182929529246},
                                           Prediction{"attnscale.DeepV3R50BP", kThree, 43.6129252662292, -0.00861686465999142},
                                           Prediction{"attnscale.DeepV3W38", kThree, 29.7068879773077, 0.0576224120719885}),
                         test_name);

// The attention head on a feature map of `positions`: 512 -> 256 -> 256, 3x3.
double attention_flop(double positions) { return 2.0 * (512 * 256 * 9 + 256 * 256 * 9) * positions; }

// The reference's own network costs 659 GFLOP for a training step of two images of 256x256 (backward twice the forward pass, but
// for the attention at the upper scale, which only moves statistics) and 1004 GFLOP for inference at three scales of 256x512
// (with the attention at the top scale, which is left out here).
TEST(NetworkCost, IsThatOfTheReferencesNetwork) {
  const NetworkCost step = network_cost(options_of("ocrnet.HRNet_Mscale"), {256, 256});
  EXPECT_EQ(step.parameters, 72143430);
  EXPECT_NEAR(2 * (3 * step.training_flop - 2 * attention_flop(64 * 64)) / 1e9, 659, 2);
  double inference = 0;
  for (const double scale : kThree) {
    const auto size = static_cast<int64_t>(256 * scale);
    inference += network_cost(options_of("ocrnet.HRNet_Mscale"), {size, 2 * size}).inference_flop;
    inference += attention_flop(static_cast<double>(size * size) / 8);
  }
  EXPECT_NEAR(inference / 1e9, 1004, 3);
}

TEST(NetworkCost, GrowsWithTheImage) {
  for (const std::string& name : model_names()) {
    const NetworkCost small = network_cost(options_of(name), {128, 256}), large = network_cost(options_of(name), {256, 512});
    EXPECT_EQ(small.parameters, large.parameters) << name;
    EXPECT_NEAR(large.inference_flop / small.inference_flop, 4, 0.05) << name;
    EXPECT_NEAR(static_cast<double>(large.activation_bytes) / static_cast<double>(small.activation_bytes), 4, 0.05) << name;
    EXPECT_GE(small.training_flop, small.inference_flop) << name;
  }
}

}  // namespace
}  // namespace strata
