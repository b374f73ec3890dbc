#pragma once
// Which network tensors belong to, told by their names and shapes.

#include "models/safetensors.h"
#include "models/segmentation_model.h"

#include <optional>
#include <string>

namespace strata {

struct RecognisedNetwork {
  std::optional<ModelOptions> model;  // name, width, classes and channels; the others at their defaults
  std::string why_not;                // where there is none
};

// Of tensors under the reference's names; `architecture` is the name that the file gives, or empty. A trunk alone is no network.
// Whether every tensor fits is for loading to say.
RecognisedNetwork recognise_network(const NamedTensors& state, const std::string& architecture);

}  // namespace strata
