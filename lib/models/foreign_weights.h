#pragma once
// Tensors and facts of a file that others wrote: a .pth of torch.save, or a .safetensors without a description.

#include "models/safetensors.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace strata {

struct ForeignWeights {
  std::string format;                         // "PyTorch (zip)", "PyTorch (legacy)", "safetensors"
  NamedTensors state;                         // names as in the file
  std::optional<std::string> architecture;    // what follows is in the reference's checkpoints
  std::optional<int64_t> epoch, num_classes;  // the last complete epoch, counted from 0
  std::optional<double> mean_iu;
  NamedTensors momenta;        // of stochastic gradient descent, under the names of their parameters
  std::string why_no_momenta;  // where there are none
};

// The state dictionary is the file's content, or its entry "state_dict", "model_state_dict", "model" or "net". FormatError where
// there is none, or an entry of it is not a tensor; else the errors of PthFile and read_safetensors. Local.
ForeignWeights read_foreign_weights(const std::filesystem::path& file);

}  // namespace strata
