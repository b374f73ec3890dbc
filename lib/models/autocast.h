#pragma once
// In what numbers a network computes.

#include <torch/types.h>

#include <string>

namespace strata {

enum class Precision {
  kFp32,
  kBf16,  // 8 bits of mantissa, the range of fp32
  kFp16   // 11 bits, but nothing above 65504 and little below 1e-5: gradients want a loss scale
};

std::string precision_name(Precision precision);  // fp32|bf16|fp16

// LibTorch's autocast on this thread while it lives: convolutions and matrix products take and give 16 bits (kBf16, kFp16) or
// nothing is cast (kFp32), whatever was set outside. Parameters stay as they are, and so do their gradients. Scopes nest.
//
// Casts of weights are not shared between uses, as LibTorch would by default: the gradients that several uses give one weight
// (one a scale) are then added in fp32, and not in 16 bits.
class Autocast {
 public:
  Autocast(Precision precision, torch::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

  // What holds on this thread.
  static Precision current(torch::Device device);

 private:
  torch::DeviceType device_;
  bool was_enabled_, was_cached_;
  torch::ScalarType was_type_;
};

}  // namespace strata
