#pragma once
// Tensors from the storages of a .pth file.

#include "models/pth_file.h"

#include <torch/types.h>

#include <map>
#include <optional>

namespace strata {

// Reads each storage once and keeps it while this lives.
class PthTensors {
 public:
  explicit PthTensors(const PthFile& file) : file_(file) {}

  // A contiguous CPU tensor with memory of its own; nothing where the value is not a tensor. FormatError where a storage is
  // damaged, a truth value is neither 0 nor 1, or all tensors read take much more memory than the file has.
  std::optional<torch::Tensor> read(const PickleValue& value);

 private:
  const torch::Tensor& storage(size_t number);

  const PthFile& file_;
  std::map<size_t, torch::Tensor> storages_;
  uint64_t bytes_made_ = 0;
};

torch::ScalarType scalar_type(ElementType type);

}  // namespace strata
