#include "models/activation_checkpoint.h"

#include "models/autocast.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace strata {
namespace {

thread_local Activations current = Activations::kKept;

struct Stage : torch::CustomClassHolder {
  torch::nn::Module& owner;
  std::function<TensorList(TensorList)> compute;
  Precision precision = Precision::kFp32;
  size_t inputs = 0;  // the rest of what autograd sees are parameters

  Stage(torch::nn::Module& of, std::function<TensorList(TensorList)> how) : owner(of), compute(std::move(how)) {}
};
using StagePointer = c10::intrusive_ptr<Stage>;

// Puts buffers back, unseen by autograd's checks of versions: a norm may have saved them for its backward pass.
class KeptBuffers {
 public:
  explicit KeptBuffers(const torch::nn::Module& module) : buffers_(module.buffers()) {
    for (const torch::Tensor& buffer : buffers_) values_.push_back(buffer.detach().clone());
  }
  ~KeptBuffers() {
    for (size_t i = 0; i < buffers_.size(); ++i) buffers_[i].variable_data().copy_(values_[i]);
  }
  KeptBuffers(const KeptBuffers&) = delete;
  KeptBuffers& operator=(const KeptBuffers&) = delete;

 private:
  TensorList buffers_, values_;
};

TensorList recompute(const Stage& stage, const TensorList& inputs) {
  const torch::AutoGradMode gradients(true);
  const Autocast autocast(stage.precision, inputs.front().device());
  const ActivationScope inner(Activations::kKept);
  const KeptBuffers buffers(stage.owner);
  return stage.compute(inputs);
}

class RecomputedStage : public torch::autograd::Function<RecomputedStage> {
 public:
  // `tensors`: inputs, then parameters, which are named to autograd so that their gradients leave by this node.
  static TensorList forward(torch::autograd::AutogradContext* context, const StagePointer& stage, at::TensorList tensors) {
    const TensorList inputs(tensors.begin(), tensors.begin() + static_cast<std::ptrdiff_t>(stage->inputs));
    context->save_for_backward(inputs);
    context->saved_data["stage"] = c10::IValue::make_capsule(stage);
    context->set_materialize_grads(false);
    return stage->compute(inputs);
  }

  static TensorList backward(torch::autograd::AutogradContext* context, const TensorList& output_gradients) {
    const auto& stage = static_cast<const Stage&>(*context->saved_data["stage"].toCapsule());
    TensorList inputs;
    for (const torch::Tensor& saved : context->get_saved_variables()) {
      inputs.push_back(saved.detach().requires_grad_(saved.requires_grad()));
    }
    const TensorList outputs = recompute(stage, inputs);
    TensorList ends, gradients, sources;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!output_gradients[i].defined() || !outputs[i].requires_grad()) continue;
      ends.push_back(outputs[i]);
      gradients.push_back(output_gradients[i]);
    }
    std::vector<size_t> places;  // of sources among what backward gives; the first one is the stage's
    const auto want = [&](const torch::Tensor& tensor, size_t place) {
      if (!tensor.requires_grad()) return;
      sources.push_back(tensor);
      places.push_back(place);
    };
    const TensorList parameters = stage.owner.parameters();
    for (size_t i = 0; i < inputs.size(); ++i) want(inputs[i], 1 + i);
    for (size_t i = 0; i < parameters.size(); ++i) want(parameters[i], 1 + inputs.size() + i);
    TensorList result(1 + inputs.size() + parameters.size());
    if (ends.empty()) return result;
    const TensorList found = torch::autograd::grad(ends, sources, gradients, /*retain_graph=*/false, /*create_graph=*/false,
                                                   /*allow_unused=*/true);
    for (size_t i = 0; i < found.size(); ++i) result[places[i]] = found[i];
    return result;
  }
};

}  // namespace

ActivationScope::ActivationScope(Activations activations) : before_(std::exchange(current, activations)) {}
ActivationScope::~ActivationScope() { current = before_; }

TensorList checkpointed(torch::nn::Module& owner, TensorList inputs, std::function<TensorList(TensorList)> compute) {
  if (!torch::GradMode::is_enabled()) return compute(std::move(inputs));
  if (current == Activations::kKept) {
    // A stage that is recomputed hands on one sum for each input; so does this one, and sums in another order are other bits.
    for (torch::Tensor& input : inputs) input = input.view_as(input);
    return compute(std::move(inputs));
  }
  const auto stage = c10::make_intrusive<Stage>(owner, std::move(compute));
  stage->precision = Autocast::current(inputs.front().device());
  stage->inputs = inputs.size();
  for (const torch::Tensor& parameter : owner.parameters()) inputs.push_back(parameter);
  return RecomputedStage::apply(stage, at::TensorList(inputs));
}

torch::Tensor checkpointed(torch::nn::Module& owner, const torch::Tensor& input,
                           std::function<torch::Tensor(const torch::Tensor&)> compute) {
  const auto of_lists = [one = std::move(compute)](const TensorList& inputs) { return TensorList{one(inputs[0])}; };
  return checkpointed(owner, TensorList{input}, of_lists)[0];
}

}  // namespace strata
