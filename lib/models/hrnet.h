#pragma once
// HRNetV2, the trunk that keeps a fine resolution from end to end (Wang et al. 2020, "Deep High-Resolution Representation
// Learning for Visual Recognition").

#include "models/hrnet_module.h"
#include "models/trunk.h"

#include <array>
#include <vector>

namespace strata {

// Two 3x3 convolutions of stride 2 (stem), stage 1 of bottlenecks, stages 2 to 4 of modules with 2 to 4 branches.
struct HrnetStructure {
  int64_t stem_channels = 64;
  int64_t stage1_channels = 64;  // inside stage 1's bottlenecks; four times as many leave it
  int64_t stage1_blocks = 4;
  int64_t branch_channels = 48;                // of the finest branch; each coarser one has twice as many
  std::array<int64_t, 3> modules = {1, 4, 3};  // in stages 2, 3 and 4
  int64_t blocks = 4;                          // basic blocks of a branch within a module
};

// w18, w32, w48: as published. w18-small: the published "W18 small v2". w16-tiny: ours, see the source.
HrnetStructure hrnet_structure(Width width);

// last: the four branches side by side at a quarter of the image (halved twice, rounded up).
class Hrnet : public Trunk {
 public:
  Hrnet(const HrnetStructure& structure, const NormFactory& norm, BilinearResize resize);
  TrunkFeatures features(const torch::Tensor& images_NCHW, const DropoutDraw& draw) override;
  TrunkChannels channels() const override { return {.last = out_channels_}; }

 private:
  // How a stage's first module gets its inputs: branches that exist pass through (or change channels), the new one is made of the
  // coarsest.
  struct Stage {
    std::vector<Chain> transition;  // one a branch; empty: passes through
    std::vector<HrnetModule> modules;
  };
  Stage make_stage(const std::vector<int64_t>& in_channels, const std::vector<int64_t>& channels, const HrnetStructure& structure,
                   const NormFactory& norm);
  std::vector<torch::Tensor> run_stage(Stage& stage, const std::vector<torch::Tensor>& branches_NCHW);
  // Side by side at the size of the first.
  torch::Tensor joined(std::vector<torch::Tensor> branches_NCHW) const;

  BilinearResize resize_;
  ConvNorm conv1_, conv2_;
  Chain layer1_;
  std::vector<Stage> stages_;
  int64_t out_channels_ = 0;
};

}  // namespace strata
