#include "models/packed_convolution.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

// Exported by LibTorch's CPU library, without a header: what an opaque tensor holds.
namespace at::native {
void* data_ptr_from_mkldnn(const Tensor& mkldnn_tensor);
int64_t nbytes_from_mkldnn(const Tensor& mkldnn_tensor);
}  // namespace at::native

namespace strata {

namespace {

constexpr size_t kRememberedSizes = 64;

bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  const int64_t bytes = at::native::nbytes_from_mkldnn(a);
  return bytes == at::native::nbytes_from_mkldnn(b) &&
         std::memcmp(at::native::data_ptr_from_mkldnn(a), at::native::data_ptr_from_mkldnn(b), static_cast<size_t>(bytes)) == 0;
}

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

PackedWeights::PackedWeights(const torch::Tensor& weight_OIHW, const ConvolutionOptions& options)
    : options_(options), weight_(pack(weight_OIHW.contiguous(), c10::IValue())) {}

torch::Tensor PackedWeights::pack(const torch::Tensor& weight_OIHW, const c10::IValue& input_size) const {
  const auto& o = options_;
  return call(packing(), {weight_OIHW, both(o.padding), both(o.stride), both(o.dilation), o.groups, input_size});
}

const torch::Tensor& PackedWeights::for_input(const torch::Tensor& x_NCHW) const {
  const std::vector<int64_t> size = x_NCHW.sizes().vec();
  if (std::find(sizes_.begin(), sizes_.end(), size) != sizes_.end()) return weight_;
  const torch::Tensor packed = pack(weight_.to_dense(), size);
  if (!same_bits(weight_, packed) || sizes_.size() == kRememberedSizes) {
    weight_ = packed;
    sizes_.clear();
  }
  sizes_.push_back(size);
  return weight_;
}

torch::Tensor packed_convolution(const PackedConvolution& convolution, const torch::Tensor& x_NCHW, AfterConvolution after) {
  const auto& o = convolution.weights.options();
  const char* unary = after == AfterConvolution::kRelu ? "relu" : "none";
  return call(convolving(), {x_NCHW, convolution.weights.for_input(x_NCHW), optional(convolution.bias_O), both(o.padding),
                             both(o.stride), both(o.dilation), o.groups, unary, no_scalars(), ""});
}

void packed_convolution_onto(torch::Tensor& sum_NCHW, const PackedConvolution& convolution, const torch::Tensor& x_NCHW,
                             AfterConvolution after) {
  const auto& o = convolution.weights.options();
  const c10::IValue unary = after == AfterConvolution::kRelu ? c10::IValue("relu") : c10::IValue();
  call(convolving_onto(), {sum_NCHW, x_NCHW, convolution.weights.for_input(x_NCHW), optional(convolution.bias_O), both(o.padding),
                           both(o.stride), both(o.dilation), o.groups, "add", c10::IValue(), unary, no_scalars(), c10::IValue()});
}

}  // namespace strata
