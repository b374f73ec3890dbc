#include "models/folded_convolution.h"

#include "models/norm_eps.h"

#include <torch/types.h>

namespace strata {

namespace {

torch::Tensor in_double(const torch::Tensor& x) { return x.detach().to(torch::kFloat64); }

}  // namespace

FoldedWeights fold(const ConvolutionImpl& convolution, const torch::nn::Module* norm) {
  const torch::NoGradGuard no_gradients;
  FoldedWeights folded{.weight_OIHW = in_double(convolution.weight), .bias_O = {}};
  if (convolution.bias.defined()) folded.bias_O = in_double(convolution.bias);
  if (norm == nullptr) return folded;
  const auto parameters = norm->named_parameters(false), buffers = norm->named_buffers(false);
  const torch::Tensor gain_O = in_double(parameters["weight"]) * (in_double(buffers["running_var"]) + kNormEps).rsqrt();
  const torch::Tensor mean_O = in_double(buffers["running_mean"]);
  folded.weight_OIHW = folded.weight_OIHW * gain_O.view({-1, 1, 1, 1});
  const torch::Tensor centred_O = folded.bias_O.defined() ? folded.bias_O - mean_O : -mean_O;
  folded.bias_O = centred_O * gain_O + in_double(parameters["bias"]);
  return folded;
}

FoldedConvolution::FoldedConvolution(const ConvolutionOptions& options, const FoldedWeights& weights, torch::Dtype type)
    : options_(options), type_(type), weight_(weights.weight_OIHW.to(type)) {
  if (weights.bias_O.defined()) bias_ = weights.bias_O.to(type);
  if (can_pack(weight_)) {
    packed_.emplace(weight_, options_);
    weight_.reset();
  } else if (!weight_.is_cpu()) {
    weight_ = weight_.contiguous(torch::MemoryFormat::ChannelsLast);
  }
}

torch::Tensor FoldedConvolution::prepared(const torch::Tensor& x_NCHW) const {
  const torch::Tensor typed = x_NCHW.to(type_);
  return packed_ || !typed.is_cpu() ? typed.contiguous(torch::MemoryFormat::ChannelsLast) : typed;
}

torch::Tensor FoldedConvolution::plain(const torch::Tensor& x_NCHW) const {
  const auto& o = options_;
  return at::conv2d(prepared(x_NCHW), weight_, bias_, o.stride, o.padding, o.dilation, o.groups);
}

torch::Tensor FoldedConvolution::operator()(const torch::Tensor& x_NCHW) const {
  if (!packed_) return plain(x_NCHW);
  return packed_convolution({*packed_, bias_}, prepared(x_NCHW), AfterConvolution::kNothing);
}

torch::Tensor FoldedConvolution::relu(const torch::Tensor& x_NCHW) const {
  if (!packed_) return plain(x_NCHW).relu_();
  return packed_convolution({*packed_, bias_}, prepared(x_NCHW), AfterConvolution::kRelu);
}

torch::Tensor FoldedConvolution::add_relu(const torch::Tensor& x_NCHW, const torch::Tensor& residual_NCHW) const {
  if (!packed_) return plain(x_NCHW).add_(residual_NCHW).relu_();
  torch::Tensor sum = torch::empty_like(residual_NCHW, residual_NCHW.options().dtype(type_), torch::MemoryFormat::ChannelsLast);
  sum.copy_(residual_NCHW);
  packed_convolution_onto(sum, {*packed_, bias_}, prepared(x_NCHW), AfterConvolution::kRelu);
  return sum;
}

}  // namespace strata
