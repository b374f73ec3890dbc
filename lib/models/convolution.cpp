#include "models/convolution.h"

#include "base/error.h"
#include "models/chain.h"
#include "models/folded_convolution.h"
#include "models/norm_with_relu.h"

#include <utility>

namespace strata {

ConvolutionOptions ConvolutionOptions::strided(int64_t by) const {
  ConvolutionOptions changed = *this;
  changed.stride = by;
  return changed;
}

ConvolutionOptions ConvolutionOptions::dilated(int64_t by) const {
  ConvolutionOptions changed = *this;
  changed.dilation = by;
  changed.padding = by * (kernel / 2);
  return changed;
}

ConvolutionOptions ConvolutionOptions::padded(int64_t by) const {
  ConvolutionOptions changed = *this;
  changed.padding = by;
  return changed;
}

ConvolutionOptions ConvolutionOptions::grouped(int64_t into) const {
  ConvolutionOptions changed = *this;
  changed.groups = into;
  return changed;
}

ConvolutionOptions ConvolutionOptions::biased() const {
  ConvolutionOptions changed = *this;
  changed.bias = true;
  return changed;
}

namespace {

ConvolutionOptions same_size(int64_t kernel, int64_t in_channels, int64_t out_channels) {
  return {.in_channels = in_channels, .out_channels = out_channels, .kernel = kernel, .padding = kernel / 2};
}

}  // namespace

ConvolutionOptions conv1x1(int64_t in_channels, int64_t out_channels) { return same_size(1, in_channels, out_channels); }
ConvolutionOptions conv3x3(int64_t in_channels, int64_t out_channels) { return same_size(3, in_channels, out_channels); }
ConvolutionOptions conv5x5(int64_t in_channels, int64_t out_channels) { return same_size(5, in_channels, out_channels); }

ConvolutionImpl::ConvolutionImpl(const ConvolutionOptions& options) : options_(options) {
  const auto& o = options_;
  weight = register_parameter("weight", torch::empty({o.out_channels, o.in_channels / o.groups, o.kernel, o.kernel}));
  if (o.bias) bias = register_parameter("bias", torch::empty({o.out_channels}));
}

torch::Tensor ConvolutionImpl::forward(const torch::Tensor& x_NCHW) {
  if (const auto* convolution = folded()) return (*convolution)(x_NCHW);
  const auto& o = options_;
  return at::conv2d(x_NCHW, weight, bias, o.stride, o.padding, o.dilation, o.groups);
}

void ConvolutionImpl::freeze(torch::Dtype type) {
  if (folded_) throw InternalError("a convolution was frozen twice");
  const torch::NoGradGuard no_gradients;
  folded_ = std::make_shared<FoldedConvolution>(options_, fold(*this, norm_.get()), type);
  weight.set_data(torch::empty({0}, weight.options()));
  if (bias.defined()) bias.set_data(torch::empty({0}, bias.options()));
}

const FoldedConvolution* ConvolutionImpl::folded() const {
  if (folded_ && is_training()) throw InternalError("a frozen network has no weights to train");
  return folded_.get();
}

ConvNorm::ConvNorm(Convolution convolution, NormModule norm) : convolution_(std::move(convolution)), norm_(std::move(norm)) {
  convolution_->set_norm(norm_);
}

ConvNorm::ConvNorm(torch::nn::Module& owner, const Names& names, const ConvolutionOptions& options, const NormFactory& norm)
    : convolution_(owner.register_module(names.convolution, Convolution(options))),
      norm_(register_norm(owner, names.norm, norm(options.out_channels))) {
  convolution_->set_norm(norm_);
}

torch::Tensor ConvNorm::operator()(const torch::Tensor& x_NCHW) {
  if (const auto* folded = convolution_->folded()) return (*folded)(x_NCHW);
  return norm_.forward(convolution_(x_NCHW));
}

torch::Tensor ConvNorm::relu(const torch::Tensor& x_NCHW) {
  if (const auto* folded = convolution_->folded()) return folded->relu(x_NCHW);
  if (auto* norm = dynamic_cast<NormWithRelu*>(norm_.ptr().get())) return norm->relu(convolution_(x_NCHW));
  return (*this)(x_NCHW).relu_();
}

torch::Tensor ConvNorm::add_relu(const torch::Tensor& x_NCHW, const torch::Tensor& residual_NCHW) {
  if (const auto* folded = convolution_->folded()) return folded->add_relu(x_NCHW, residual_NCHW);
  if (auto* norm = dynamic_cast<NormWithRelu*>(norm_.ptr().get())) return norm->add_relu(convolution_(x_NCHW), residual_NCHW);
  torch::Tensor sum = (*this)(x_NCHW);
  return (sum += residual_NCHW).relu_();
}

}  // namespace strata
