#include "models/initial_weights.h"

#include "base/random.h"
#include "models/convolution.h"
#include "models/name_key.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace strata {

namespace {

constexpr std::array<std::string_view, 3> kPredictors = {"ocr.cls_head", "ocr.aux_head.2", "scale_attn.conv2"};
constexpr double kTrunkDeviation = 0.001;

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
  double fan_out() const { return static_cast<double>(convolution.weight.numel() / convolution.weight.size(1)); }

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

}  // namespace

void set_initial_weights(torch::nn::Module& model, Init init, uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  for (const auto& item : model.named_modules()) {
    auto* convolution = item.value()->as<ConvolutionImpl>();
    if (convolution == nullptr) continue;
    const ConvolutionInit initial{item.key(), *convolution, seed};
    const bool predicts = std::find(kPredictors.begin(), kPredictors.end(), item.key()) != kPredictors.end();
    if (init == Init::kKaiming && !predicts) {
      initial.weight(uniform_within(std::sqrt(6 / initial.fan_out())));
      initial.bias([](RandomStream&) { return 0.0; });
    } else if (item.key().starts_with("backbone.")) {
      initial.weight([](RandomStream& stream) { return kTrunkDeviation * stream.normal(); });
    } else {
      const double bound = 1 / std::sqrt(initial.fan_in());
      initial.weight(uniform_within(bound));
      initial.bias(uniform_within(bound));
    }
  }
}

}  // namespace strata
