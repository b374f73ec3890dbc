#pragma once
// What training and evaluation know of a network.

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/any.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace strata {

// Makes a batch norm of `channels`. The default makes torch::nn::BatchNorm2d(momentum 0.1, eps 1e-5); the synchronised one comes
// from distributed/. The module's parameters and buffers must be named as BatchNorm2d's, and its backward must not need its
// output (a ReLU overwrites it in place).
using NormModule = torch::nn::AnyModule;
using NormFactory = std::function<NormModule(int64_t channels)>;
NormFactory local_batch_norm();

// The trunk's finest channels and its depth (hrnet.h has the structures).
enum class Width { kW16Tiny, kW18Small, kW18, kW32, kW48 };
Width parse_width(const std::string& name);  // w16-tiny|w18-small|w18|w32|w48; ConfigError otherwise
std::string width_name(Width width);         // the inverse

// The scale attention's head: two 3x3 convolutions before the 1x1, or one ("mscale_no3x3" of the reference), or the numbered
// layers of its early networks ("mscale_old_arch").
enum class AttentionHead { kStandard, kShallow, kOriginal };
AttentionHead parse_attention_head(const std::string& name);  // standard|shallow|original; ConfigError otherwise
std::string attention_head_name(AttentionHead head);          // the inverse

enum class Init { kKaiming, kReference };  // from scratch by fan-out (He et al. 2015), or N(0, 0.001) meant for ImageNet weights

struct ModelOptions {
  std::string name = "ocrnet.HRNet_Mscale";
  int num_classes = 19;
  Width width = Width::kW48;
  int ocr_channels = 512;        // 512 in the reference; key channels are half of it
  int attention_channels = 256;  // inside the scale attention head and inside segmentation heads
  int aspp_channels = 256;       // of each of ASPP's five parts
  AttentionHead attention_head = AttentionHead::kStandard;
  double low_scale = 0.5;                          // of the two scales that hierarchical attention is trained with
  std::vector<double> fixed_scales = {0.5, 1, 2};  // of attnscale's networks, which have one attention map a scale; 1 among them
  bool align_corners = false;                      // of every resize in the network; belongs to the weights
  Init init = Init::kKaiming;
  double dropout = 0.05;         // Dropout2d of the OCR block
  double trunk_dropout = 0.5;    // Dropout2d of the wide ResNet's last block; the one before has 0.6 of it
  double attention_dropout = 0;  // before the scale attention's last convolution; 0.5 with "mscale_dropout" of the reference
  uint64_t seed = 0;             // initial weights and dropout
};

// Which dropout to draw in this forward: masks depend on (seed, epoch, position of each sample, layer) alone.
struct DropoutKeys {
  uint64_t epoch = 0;
  std::vector<uint64_t> positions;  // one per sample of the batch
};

struct ScaleTensor {
  double scale;
  torch::Tensor tensor;
};

// Logits at the size of the input image.
struct TrainingOutputs {
  torch::Tensor pred_NCHW;                    // joint prediction over scales
  torch::Tensor aux_NCHW;                     // OCR's auxiliary head, joint; undefined where the network has none
  std::vector<ScaleTensor> pred_scales_NCHW;  // each scale alone, ascending; empty for single-scale networks
};

struct InferenceOutputs {
  torch::Tensor pred_NCHW;
  std::vector<ScaleTensor> attention_N1HW;  // at input size, of scales that have one: hierarchical ones below the top
};

class SegmentationModel : public torch::nn::Module {
 public:
  // Two scales (low_scale and 1) where the network has hierarchical attention, fixed_scales where it has explicit one; images
  // float NCHW, normalised.
  virtual TrainingOutputs forward_training(const torch::Tensor& images_NCHW, const DropoutKeys& keys) = 0;
  // n-scale inference (Tao et al. 2020, section 3.1); scales in any order, must contain 1.0 or be a single one. Networks without
  // attention take one, those with explicit attention their fixed ones: ConfigError otherwise.
  virtual InferenceOutputs forward_inference(const torch::Tensor& images_NCHW, const std::vector<double>& scales) = 0;
  virtual const ModelOptions& options() const = 0;
};

// ConfigError names the known networks where options.name is not one.
std::shared_ptr<SegmentationModel> make_model(const ModelOptions& options, const NormFactory& norm = local_batch_norm());

// The same with weights that nobody has filled yet: for loading, and for looking at its structure.
std::shared_ptr<SegmentationModel> make_blank_model(const ModelOptions& options, const NormFactory& norm = local_batch_norm());

// Of all networks that can be made.
std::vector<std::string> model_names();

int64_t parameter_count(const torch::nn::Module& module);

}  // namespace strata
