#pragma once
// ResNet (He et al. 2016) and SE-ResNeXt (Xie et al. 2017, Hu et al. 2018) at an eighth of the image.

#include "models/residual_blocks.h"
#include "models/trunk.h"

#include <array>

namespace strata {

// Of a bottleneck network. Where classification halves the image twice more, stages 3 and 4 dilate their 3x3 convolutions by 2
// and 4 instead.
struct ResnetStructure {
  std::array<int64_t, 4> blocks = {3, 4, 6, 3};
  int64_t groups = 1;             // of the 3x3 convolutions
  int64_t group_width = 64;       // channels of a group in stage 1
  int64_t squeeze_reduction = 0;  // 0: no squeeze and excitation
  // Names and padding of the stem: torchvision's ("layer0.0", max pool padded by 1) or that of Caffe's SENet ("layer0.conv1",
  // not padded, the last window may stick out).
  enum class Stem { kTorchvision, kSenet } stem = Stem::kTorchvision;
};
ResnetStructure resnet50();
ResnetStructure resnet101();
ResnetStructure se_resnext50();   // 32x4d
ResnetStructure se_resnext101();  // 32x4d

// fine: 256 channels at a quarter; middle: 512 at an eighth; last: 2048 at an eighth. The reference declares 48 fine channels for
// SE-ResNeXt and fails; there are 256.
class Resnet : public Trunk {
 public:
  Resnet(const ResnetStructure& structure, const NormFactory& norm);
  TrunkFeatures features(const torch::Tensor& images_NCHW, const DropoutDraw& draw) override;
  TrunkChannels channels() const override;

 private:
  torch::Tensor pool(const torch::Tensor& x_NCHW) const;

  ResnetStructure structure_;
  ConvNorm stem_;
  std::array<Chain, 4> layers_ = {nullptr, nullptr, nullptr, nullptr};
};

}  // namespace strata
