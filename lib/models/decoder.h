#pragma once
// What scale fusions know of a decoder, which makes classes of a trunk's features.

#include "models/chain.h"
#include "models/trunk.h"

#include <memory>

namespace strata {

// All at one resolution, that of the decoder.
struct DecoderOutputs {
  torch::Tensor logits_NCHW;
  torch::Tensor aux_NCHW;       // of the auxiliary head; undefined where there is none
  torch::Tensor features_NCHW;  // what the attention between scales reads
};

// Not a module: its parts are children of the network itself, because the reference's tensor names have no level for it.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // What is the same for neighbouring pixels, and can be blended with that of another scale.
  virtual torch::Tensor context(const TrunkFeatures& features) = 0;
  // Takes both: where nobody else holds them, they can be freed early.
  virtual DecoderOutputs decode(TrunkFeatures features, torch::Tensor context_NCHW, const DropoutDraw& draw) = 0;
  virtual int64_t feature_channels() const = 0;  // of DecoderOutputs
};

// What a decoder is built from and into.
struct DecoderSite {
  torch::nn::Module& network;  // gets the parts as children
  TrunkChannels trunk;
  const ModelOptions& options;
  const NormFactory& norm;
};

enum class DecoderName {
  kOcr,             // object-contextual representations
  kAsppOcr,         // the same over ASPP
  kSegHead,         // "seg_head": three convolutions on the trunk's last features
  kClsHead,         // the same as "cls_head"
  kAspp,            // "final": the same on ASPP
  kAsppBottleneck,  // "final" on ASPP narrowed to 256 channels
  kDeepLabPlus,     // "final" on narrowed ASPP beside the trunk's fine features
  kPanoptic         // ASPP upwards in two steps
};
std::unique_ptr<Decoder> make_decoder(DecoderName name, const DecoderSite& site);

// 3x3, 3x3 (with norm and ReLU), 1x1 to `out_channels`: numbered 0 to 6.
Chain make_seg_head(int64_t in_channels, int64_t channels, int64_t out_channels, const NormFactory& norm);

}  // namespace strata
