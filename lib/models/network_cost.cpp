#include "models/network_cost.h"

#include "models/composed_network.h"

#include <ATen/record_function.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace strata {

namespace {

// Of one image: the batch, which is the first axis, is empty.
double numbers_of(const torch::Tensor& x) {
  double numbers = 1;
  for (int64_t axis = 1; axis < x.dim(); ++axis) numbers *= static_cast<double>(x.size(axis));
  return numbers;
}

struct Work {
  double flop = 0;
  double activations = 0;
};
thread_local Work work;  // of the walk under way

// Has the parameters of a batch norm and the shape of its output.
class ShapeNormImpl : public torch::nn::Module {
 public:
  explicit ShapeNormImpl(int64_t channels) {
    register_parameter("weight", torch::empty({channels}));
    register_parameter("bias", torch::empty({channels}));
  }
  torch::Tensor forward(const torch::Tensor& x_NCHW) {
    work.activations += numbers_of(x_NCHW);
    return at::empty_like(x_NCHW);
  }
};
TORCH_MODULE(ShapeNorm);

// Inputs can be looked at before the operator runs, outputs after it.
struct Products : at::ObserverContext {
  double per_output = 0;  // multiplications for each number of the output
};

std::unique_ptr<at::ObserverContext> before(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  auto products = std::make_unique<Products>();
  if (name == "aten::convolution") products->per_output = static_cast<double>(function.inputs()[1].toTensor()[0].numel());
  if (name == "aten::bmm") products->per_output = static_cast<double>(function.inputs()[0].toTensor().size(2));
  return products;
}

bool keeps_output(std::string_view name) {
  constexpr std::array kKept = {"aten::convolution", "aten::bmm", "aten::upsample_bilinear2d", "aten::cat"};
  return std::find(kKept.begin(), kKept.end(), name) != kKept.end();
}

void after(const at::RecordFunction& function, at::ObserverContext* context) {
  if (!keeps_output(function.name()) || function.outputs().empty() || !function.outputs()[0].isTensor()) return;
  const double numbers = numbers_of(function.outputs()[0].toTensor());
  work.flop += 2 * static_cast<Products*>(context)->per_output * numbers;
  work.activations += numbers;
}

template <typename Walk>
Work work_of(Walk walk) {
  work = {};
  const auto handle = at::addThreadLocalCallback(
      at::RecordFunctionCallback(&before, &after).needsInputs(true).needsOutputs(true).scopes({at::RecordScope::FUNCTION}));
  const torch::NoGradGuard no_gradients;
  walk();
  at::removeCallback(handle);
  return work;
}

}  // namespace

NetworkCost network_cost(const ModelOptions& options, ImageSize size) {
  const auto model = make_blank_model(options, [](int64_t channels) { return NormModule(ShapeNorm(channels)); });
  const torch::Tensor none_N3HW = torch::empty({0, 3, size[0], size[1]});
  NetworkCost cost;
  cost.parameters = parameter_count(*model);
  const Work training = work_of([&] { model->forward_training(none_N3HW, {}); });
  cost.training_flop = training.flop;
  cost.activation_bytes = static_cast<int64_t>(training.activations * sizeof(float));
  model->eval();
  const bool fixed = network_recipe(options.name).has_fixed_scales();
  const std::vector<double> scales = fixed ? options.fixed_scales : std::vector<double>{1};
  cost.inference_flop = work_of([&] { model->forward_inference(none_N3HW, scales); }).flop;
  return cost;
}

}  // namespace strata
