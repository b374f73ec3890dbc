#pragma once
// A weight file of whatever origin into a .safetensors file that says all that is needed to use it.

#include "models/weight_file.h"
#include "models/weight_loading.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace strata {

struct WeightConversionOptions {
  std::filesystem::path input;             // .pth or .safetensors
  std::filesystem::path output;            // .safetensors; one that is there is replaced
  std::string network = {};                // by the reference's name; empty: the one that the tensors belong to
  std::optional<Width> width = {};         // nothing: as told by the tensors
  std::optional<bool> align_corners = {};  // nothing: as the origin of the file has it
  std::optional<double> partial = {};      // least share of the network that the file must have; nothing: all
  uint64_t seed = 0;                       // of what `partial` leaves to be initialised
};

struct WeightConversion {
  std::optional<ModelOptions> model;  // the network that the new file is for
  std::string why_bare;               // where there is none: the new file holds tensors and no description
  WeightMatch match;                  // with the network, where there is one
  size_t tensors = 0;                 // written
};

// Types and bits of tensors stay as they are, names become the reference's. Where a network is asked for, by `network` or
// `partial`, all must fit it, or the share asked for: FormatError otherwise, with what is missing, unexpected or of another
// shape. Where none is, the file says which it is for, if its tensors fit, and is a bare one if not.
//
// `classes`: names, colours and ignore id, or nothing; what the file itself says of its classes comes first. The new file's
// provenance has the old one's SHA-256 and facts. ConfigError where the number of classes is another one; errors of
// import_weights() and save_weights(). Nothing is written then. Local.
WeightConversion convert_weights(const WeightConversionOptions& options, const WeightDescription& classes);

}  // namespace strata
