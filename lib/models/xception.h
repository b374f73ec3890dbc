#pragma once
// Xception-71, aligned (Chollet 2017; Chen et al. 2018, "Encoder-Decoder with Atrous Separable Convolution"), at an eighth of the
// image.

#include "models/chain.h"
#include "models/trunk.h"

#include <vector>

namespace strata {

struct SeparableOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t stride = 1;
  int64_t dilation = 1;
};

// A 3x3 convolution of each channel alone with its norm, a 1x1 over the channels with its norm, which has a name outside.
class SeparableConvNorm {
 public:
  // In `owner`, under names.convolution: "conv1", "bn", "pointwise"; beside it names.norm.
  SeparableConvNorm(torch::nn::Module& owner, const ConvNorm::Names& names, const SeparableOptions& options,
                    const NormFactory& norm);
  torch::Tensor operator()(const torch::Tensor& x_NCHW) { return pointwise_(depthwise_(x_NCHW)); }
  torch::Tensor relu(const torch::Tensor& x_NCHW) { return pointwise_.relu(depthwise_(x_NCHW)); }

 private:
  ConvNorm depthwise_, pointwise_;
};

struct XceptionBlockOptions {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  std::vector<SeparableOptions> convolutions;
  bool relu_first = true;  // or only between the convolutions
};

// Separable convolutions with norms around an identity, or around a projection where size or channels change. ReLU stands before
// each convolution, and the identity sees the first one, too: there it overwrites the input.
class XceptionBlockImpl : public torch::nn::Module {
 public:
  XceptionBlockImpl(const XceptionBlockOptions& options, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& x_NCHW);

 private:
  bool relu_first_;
  bool projects_;
  ConvNorm skip_;
  std::vector<SeparableConvNorm> convolutions_;
};
TORCH_MODULE(XceptionBlock);

// fine: 64 channels at a half; middle: 128 at a quarter; last: 2048 at an eighth.
class Xception71 : public Trunk {
 public:
  explicit Xception71(const NormFactory& norm);
  TrunkFeatures features(const torch::Tensor& images_NCHW, const DropoutDraw& draw) override;
  TrunkChannels channels() const override;

 private:
  ConvNorm conv1_, conv2_;
  std::vector<XceptionBlock> blocks_;    // block1 ... block20
  std::vector<SeparableConvNorm> exit_;  // conv3 ... conv5
};

}  // namespace strata
