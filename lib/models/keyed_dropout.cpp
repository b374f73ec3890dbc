#include "models/keyed_dropout.h"

#include "base/error.h"
#include "base/random.h"
#include "models/name_key.h"

#include <fmt/format.h>

namespace strata {

KeyedDropout::KeyedDropout(double p, uint64_t seed, Drops drops) : p_(p), seed_(seed), drops_(drops) {
  if (!(p >= 0 && p < 1))
    throw ConfigError(fmt::format("dropout probability {} of the model: must be at least 0 and below 1", p));
}

torch::Tensor KeyedDropout::apply(const torch::Tensor& x_NCHW, const DropoutDraw& draw) const {
  if (p_ == 0) return x_NCHW;
  const int64_t samples = x_NCHW.size(0), channels = x_NCHW.size(1);
  const bool whole = drops_ == Drops::kChannels;
  const int64_t height = whole ? 1 : x_NCHW.size(2), width = whole ? 1 : x_NCHW.size(3);
  if (draw.keys.positions.size() != static_cast<size_t>(samples)) {
    throw InternalError(fmt::format("dropout keys for {} samples with a batch of {}", draw.keys.positions.size(), samples));
  }
  torch::Tensor mask_NCHW = torch::empty({samples, channels, height, width}, torch::kFloat32);
  float* mask = mask_NCHW.data_ptr<float>();
  const auto kept = static_cast<float>(1.0 / (1.0 - p_));
  for (const uint64_t position : draw.keys.positions) {
    const uint64_t seed = seed_ ^ name_key(draw.layer);
    RandomStream stream({.seed = seed, .epoch = draw.keys.epoch, .sample = position, .purpose = Purpose::kDropout});
    for (int64_t i = 0; i < channels * height * width; ++i) *mask++ = stream.uniform() < p_ ? 0.0f : kept;
  }
  return x_NCHW * mask_NCHW.to(x_NCHW.options());
}

}  // namespace strata
