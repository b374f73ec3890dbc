#include "models/initial_weights.h"

#include "base/random.h"
#include "models/class_heads.h"
#include "models/convolution.h"
#include "models/name_key.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace strata {

namespace {

constexpr std::array<std::string_view, 3> kLastOfAttention = {"scale_attn.conv2", "scale_attn.6", "scale_attn.2"};
constexpr double kHrnetDeviation = 0.001;

// Fills in row-major order whatever the memory format, in double rounded to float32.
template <typename Draw>
void fill(torch::Tensor tensor, const std::string& name, uint64_t seed, Draw draw) {
  RandomStream stream({.seed = seed, .epoch = 0, .sample = name_key(name), .purpose = Purpose::kInit});
  torch::Tensor values = torch::empty(tensor.sizes(), torch::kFloat32);
  float* data = values.data_ptr<float>();
  for (int64_t i = 0; i < values.numel(); ++i) data[i] = static_cast<float>(draw(stream));
  tensor.copy_(values);
}

struct ConvolutionInit {
  const std::string& name;
  ConvolutionImpl& convolution;
  uint64_t seed;

  double fan_in() const { return static_cast<double>(convolution.weight[0].numel()); }
  double fan_out() const {
    const int64_t inputs = convolution.weight.size(1) * convolution.options().groups;
    return static_cast<double>(convolution.weight.numel() / inputs);
  }
  template <typename Draw>
  void weight(Draw draw) const {
    fill(convolution.weight, name + ".weight", seed, draw);
  }
  template <typename Draw>
  void bias(Draw draw) const {
    if (convolution.bias.defined()) fill(convolution.bias, name + ".bias", seed, draw);
  }
};

auto uniform_within(double bound) {
  return [=](RandomStream& stream) { return stream.uniform(-bound, bound); };
}

auto normal_of(double deviation) {
  return [=](RandomStream& stream) { return deviation * stream.normal(); };
}

double zero(RandomStream&) { return 0.0; }

void set_default(const ConvolutionInit& initial) {
  const double bound = 1 / std::sqrt(initial.fan_in());
  initial.weight(uniform_within(bound));
  initial.bias(uniform_within(bound));
}

// Does it end in logits or attention?
bool predicts(const std::string& name) {
  return is_class_head(name + ".weight") ||
         std::find(kLastOfAttention.begin(), kLastOfAttention.end(), name) != kLastOfAttention.end();
}

void set_kaiming(const ConvolutionInit& initial) {
  if (predicts(initial.name)) return set_default(initial);
  initial.weight(uniform_within(std::sqrt(6 / initial.fan_out())));
  initial.bias(zero);
}

void set_trunk_as_the_reference(const ConvolutionInit& initial, TrunkName trunk) {
  switch (trunk) {
    case TrunkName::kHrnet:
      return initial.weight(normal_of(kHrnetDeviation));
    case TrunkName::kResnet50:
    case TrunkName::kResnet101:
    case TrunkName::kXception71:
      return initial.weight(normal_of(std::sqrt(2 / initial.fan_out())));
    case TrunkName::kSeResnext50:
    case TrunkName::kSeResnext101:
    case TrunkName::kWideResnet38:
      return set_default(initial);
  }
}

void set_as_the_reference(const ConvolutionInit& initial, const NetworkRecipe& recipe) {
  const auto is_in = [&](const std::string& part) { return initial.name == part || initial.name.starts_with(part + "."); };
  if (is_in(recipe.trunk_tensors)) return set_trunk_as_the_reference(initial, recipe.trunk);
  if (std::none_of(recipe.he_parts.begin(), recipe.he_parts.end(), is_in)) return set_default(initial);
  initial.weight(normal_of(std::sqrt(2 / initial.fan_in())));
  initial.bias(zero);
}

}  // namespace

void set_initial_weights(torch::nn::Module& model, const NetworkRecipe& recipe, const ModelOptions& options) {
  const torch::NoGradGuard no_gradients;
  for (const auto& item : model.named_modules()) {
    auto* convolution = item.value()->as<ConvolutionImpl>();
    if (convolution == nullptr) continue;
    const ConvolutionInit initial{item.key(), *convolution, options.seed};
    if (options.init == Init::kKaiming) {
      set_kaiming(initial);
    } else {
      set_as_the_reference(initial, recipe);
    }
  }
}

}  // namespace strata
