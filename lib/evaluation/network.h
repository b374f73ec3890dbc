#pragma once
// The network to evaluate: found, opened, and fit for the data.

#include "data/label_set.h"
#include "evaluation/inference.h"
#include "models/imported_weights.h"
#include "models/segmentation_model.h"
#include "models/weight_file.h"

#include <filesystem>
#include <memory>

namespace strata {

// A run directory means its weights/best.safetensors, anything else itself. MissingInput says what a run has instead.
std::filesystem::path weight_file_of(const std::filesystem::path& weights);

// ConfigError (78) where the classes differ in number or name: each prediction would be counted as another class. Weights that do
// not say what their classes are must have as many, and the log says that their order is taken on trust.
void require_same_classes(const ImportedWeights& weights, const LabelSet& labels, const std::filesystem::path& weight_file);

struct OpenedNetwork {
  std::filesystem::path file;
  std::string sha256;                        // of the file
  WeightDescription description;             // its classes are the data's where the file does not say them
  std::shared_ptr<SegmentationModel> model;  // on `device`, in eval mode, frozen
};
// Of a run directory, a .safetensors or a .pth file. ConfigError also where the file holds no whole network; FormatError. Local.
// The network is frozen (frozen_network.h): for inference alone.
OpenedNetwork open_network(const std::filesystem::path& weights, const LabelSet& labels, torch::Device device,
                           Precision precision);

}  // namespace strata
