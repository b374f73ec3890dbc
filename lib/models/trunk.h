#pragma once
// What decoders know of a trunk, the network that makes features of an image.

#include "models/convolution.h"
#include "models/keyed_dropout.h"
#include "models/resize_bilinear.h"

#include <memory>

namespace strata {

// Undefined where a trunk has none.
struct TrunkFeatures {
  torch::Tensor fine_NCHW;    // the reference's "s2": a half or a quarter of the image
  torch::Tensor middle_NCHW;  // its "s4": a quarter or an eighth
  torch::Tensor last_NCHW;    // an eighth, of HRNet a quarter
};

// Of TrunkFeatures; 0 where there are none.
struct TrunkChannels {
  int64_t fine = 0;
  int64_t middle = 0;
  int64_t last = 0;
};

class Trunk : public torch::nn::Module {
 public:
  // float or double N3HW, normalised. `draw` names the pass.
  virtual TrunkFeatures features(const torch::Tensor& images_NCHW, const DropoutDraw& draw) = 0;
  virtual TrunkChannels channels() const = 0;
};

enum class TrunkName { kHrnet, kResnet50, kResnet101, kSeResnext50, kSeResnext101, kWideResnet38, kXception71 };
std::shared_ptr<Trunk> make_trunk(TrunkName name, const ModelOptions& options, const NormFactory& norm);

}  // namespace strata
