#pragma once
// How far a pixel trusts one scale (Tao, Sapra, Catanzaro 2020, section 3.1).

#include "models/convolution.h"
#include "models/keyed_dropout.h"

#include <vector>

namespace strata {

struct ScaleAttentionOptions {
  int64_t in_channels = 0;
  int64_t channels = 256;  // inside
  int64_t maps = 1;
  AttentionHead head = AttentionHead::kStandard;
  // "conv0", "bn0", "conv1", "bn1", "conv2" or numbered 0 to 6, as networks of the reference differ.
  enum class Names { kWords, kNumbers } names = Names::kWords;
  double dropout = 0;  // before the last convolution
  KeyedDropout::Drops drops = KeyedDropout::Drops::kElements;
  uint64_t seed = 0;
};

// One or two 3x3 with norm and ReLU, 1x1 to the maps, sigmoid: in (0, 1) at the resolution of the features. The head kOriginal is
// numbered and its last kernel is as wide as there are maps: for two maps the output is one pixel smaller on both axes, to be
// resized anyway.
class ScaleAttentionImpl : public torch::nn::Module {
 public:
  ScaleAttentionImpl(const ScaleAttentionOptions& options, const NormFactory& norm);
  torch::Tensor forward(const torch::Tensor& features_NCHW, const DropoutDraw& draw);

  // Only moves the running statistics of the norms, without gradients. In training the attention of the top scale is not used,
  // but the reference's statistics contain it, and inference at more than two scales needs them.
  void observe(const torch::Tensor& features_NCHW);

 private:
  torch::Tensor hidden(const torch::Tensor& features_NCHW);

  std::vector<ConvNorm> hidden_;
  Convolution last_{nullptr};
  KeyedDropout dropout_;
};
TORCH_MODULE(ScaleAttention);

struct FusionSite;
// One map by words, the rest as the model's options have it.
ScaleAttentionOptions attention_options(const FusionSite& site, int64_t in_channels);

}  // namespace strata
