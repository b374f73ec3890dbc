#pragma once
// Weights of whatever origin, under the names that networks here have.

#include "models/safetensors.h"
#include "models/segmentation_model.h"
#include "models/weight_file.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace strata {

struct ImportedWeights {
  std::string format;                   // "safetensors", "PyTorch (zip)", "PyTorch (legacy)"
  std::string names;                    // whose names the file has: "strata", or a name map's; "unknown"
  NamedTensors state;                   // names as of the reference, without "module."
  std::vector<std::string> not_needed;  // known tensors that no network here uses; left out
  std::optional<ModelOptions> model;    // the network they belong to
  std::string why_no_model;             // where there is none: the file holds a trunk alone, say
  WeightDescription description;        // no classes where the file does not say what they are
  std::optional<int64_t> epoch;         // the last complete one, counted from 0
  std::optional<double> mean_iu;
  NamedTensors momenta;  // of SGD, under the names of their parameters
  std::string why_no_momenta;
};

// A .safetensors or .pth file, told apart by their first bytes. Errors of read_safetensors, open_weights and PthFile. Local.
ImportedWeights import_weights(const std::filesystem::path& file);

// "ocrnet.HRNet_Mscale, w48, 19 classes, 512 OCR channels, 256 attention channels, align_corners false"
std::string network_text(const ModelOptions& model);

}  // namespace strata
