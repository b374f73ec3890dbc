#pragma once
// Wide ResNet-38, variant A2 (Wu, Shen, van den Hengel 2019, "Wider or Deeper"), at an eighth of the image.

#include "models/chain.h"
#include "models/trunk.h"

#include <array>
#include <string>
#include <vector>

namespace strata {

// Norm and ReLU come before the convolutions, so the identity is untouched from block to block. With two channel numbers two 3x3
// convolutions, with three 1x1, 3x3, 1x1.
struct PreActivationOptions {
  int64_t in_channels = 0;
  std::vector<int64_t> channels;
  int64_t stride = 1;  // of the first convolution and the projection
  int64_t dilation = 1;
  KeyedDropout dropout = KeyedDropout(0, 0);  // before the last convolution
};

class PreActivationBlockImpl : public torch::nn::Module {
 public:
  PreActivationBlockImpl(const PreActivationOptions& options, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x_NCHW, const DropoutDraw& draw);

 private:
  struct Step {
    Convolution convolution{nullptr};
    NormModule norm;  // before it, with ReLU
  };
  std::vector<Step> steps_;
  Convolution proj_conv_{nullptr};
  KeyedDropout dropout_;
};
TORCH_MODULE(PreActivationBlock);

// fine: 128 channels at a half; middle: 256 at a quarter; last: 4096 at an eighth, a plain sum: the
// norm that ends the network for classification is not here, as in the reference.
class WideResnet38 : public Trunk {
 public:
  WideResnet38(const ModelOptions& options, const NormFactory& norm);
  TrunkFeatures features(const torch::Tensor& images_NCHW, const DropoutDraw& draw) override;
  TrunkChannels channels() const override;

 private:
  struct Block {
    std::string name;  // "mod6.block1": names its dropout
    PreActivationBlock block;
  };
  torch::Tensor run(size_t module, torch::Tensor x_NCHW, const DropoutDraw& draw);

  Convolution conv1_{nullptr};
  std::array<std::vector<Block>, 6> modules_;  // mod2 ... mod7
};

}  // namespace strata
