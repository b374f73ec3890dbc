#include "models/packed_convolution.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/types.h>

#include <optional>
#include <vector>

namespace strata {

namespace {

using Operator = std::optional<c10::OperatorHandle>;

Operator find(const char* name, const char* overload) { return c10::Dispatcher::singleton().findSchema({name, overload}); }

// Looked up once. Called with boxed arguments, by schema, because the operators' C++ signatures are nobody's interface.
const Operator& packing() {
  static const Operator found = find("mkldnn::_reorder_convolution_weight", "");
  return found;
}
const Operator& convolving() {
  static const Operator found = find("mkldnn::_convolution_pointwise", "");
  return found;
}
const Operator& convolving_onto() {
  static const Operator found = find("mkldnn::_convolution_pointwise_", "binary");
  return found;
}

torch::Tensor call(const Operator& op, std::vector<c10::IValue> arguments) {
  op->callBoxed(arguments);
  return arguments.at(0).toTensor();
}

bool computes_in_bfloat16() {
  static const bool able = [] {
    const Operator asked = find("mkldnn::_is_mkldnn_bf16_supported", "");
    if (!asked) return false;
    std::vector<c10::IValue> answer;
    asked->callBoxed(answer);
    return answer.at(0).toBool();
  }();
  return able;
}

c10::IValue optional(const torch::Tensor& bias) { return bias.defined() ? c10::IValue(bias) : c10::IValue(); }
c10::IValue no_scalars() { return c10::List<std::optional<at::Scalar>>(); }

// Both axes.
std::vector<int64_t> both(int64_t value) { return {value, value}; }

}  // namespace

bool can_pack(const torch::Tensor& weight_OIHW) {
  if (!weight_OIHW.is_cpu() || !at::globalContext().userEnabledMkldnn() || !packing() || !convolving() || !convolving_onto()) {
    return false;
  }
  if (weight_OIHW.scalar_type() == torch::kBFloat16) return computes_in_bfloat16();
  return weight_OIHW.scalar_type() == torch::kFloat32;
}

torch::Tensor pack_weights(const torch::Tensor& weight_OIHW, const ConvolutionOptions& o) {
  return call(packing(), {weight_OIHW.contiguous(), both(o.padding), both(o.stride), both(o.dilation), o.groups, c10::IValue()});
}

torch::Tensor packed_convolution(const PackedConvolution& convolution, const torch::Tensor& x_NCHW, AfterConvolution after) {
  const auto& o = convolution.options;
  const char* unary = after == AfterConvolution::kRelu ? "relu" : "none";
  return call(convolving(), {x_NCHW, convolution.weight, optional(convolution.bias_O), both(o.padding), both(o.stride),
                             both(o.dilation), o.groups, unary, no_scalars(), ""});
}

void packed_convolution_onto(torch::Tensor& sum_NCHW, const PackedConvolution& convolution, const torch::Tensor& x_NCHW,
                             AfterConvolution after) {
  const auto& o = convolution.options;
  const c10::IValue unary = after == AfterConvolution::kRelu ? c10::IValue("relu") : c10::IValue();
  call(convolving_onto(), {sum_NCHW, x_NCHW, convolution.weight, optional(convolution.bias_O), both(o.padding), both(o.stride),
                           both(o.dilation), o.groups, "add", c10::IValue(), unary, no_scalars(), c10::IValue()});
}

}  // namespace strata
