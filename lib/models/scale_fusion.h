#pragma once
// One prediction out of several scales.

#include "models/scale_network.h"

#include <memory>
#include <string>
#include <vector>

namespace strata {

// Not a module, as Decoder.
class ScaleFusion {
 public:
  virtual ~ScaleFusion() = default;

  virtual TrainingOutputs train(const torch::Tensor& images_NCHW, const DropoutKeys& keys) = 0;
  // In evaluation mode and without gradients. ConfigError where the scales cannot be fused.
  virtual InferenceOutputs infer(const torch::Tensor& images_NCHW, const std::vector<double>& scales) = 0;
};

// What a fusion is built from and into.
struct FusionSite {
  torch::nn::Module& network;  // gets the attention as a child called "scale_attn"
  std::shared_ptr<ScaleNetwork> scale;
  KeyedDropout::Drops attention_drops;  // what dropout in the attention head drops
  const ModelOptions& options;
  const NormFactory& norm;
};

enum class FusionName {
  kNone,             // one scale
  kHierarchical,     // attention of the lower of two scales, read from its features (Tao et al. 2020)
  kNeighbours,       // the same, read from the features of both
  kContextPyramid,   // hierarchical, and the lower scale's context blended into the higher one's by the same map
  kContextPyramid2,  // by a map of its own
  kExplicit,         // a map for each of a fixed number of scales, read from all of them (Chen et al. 2016)
  kExplicitNorm,     // the same with norms in the head
  kPairs             // maps for each two neighbouring scales, chained
};
std::unique_ptr<ScaleFusion> make_fusion(FusionName name, const FusionSite& site);

// "0.5", "1": how dropout names the pass of a scale.
std::string pass_name(double scale);

// Largest first. ConfigError unless they are positive and either contain 1 or are a single one.
std::vector<double> joining_order(std::vector<double> scales);

}  // namespace strata
