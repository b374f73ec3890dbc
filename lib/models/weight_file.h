#pragma once
// Weights of a network with all that is needed to use them: one .safetensors file whose metadata says which network, classes and
// input it is for.

#include "models/safetensors.h"
#include "models/segmentation_model.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace strata {

// What the classes mean, and where the weights come from.
struct WeightDescription {
  std::vector<std::string> class_names;              // one a class; none: not known
  std::vector<std::array<uint8_t, 3>> class_colors;  // RGB, one a class
  int ignore_id = 255;
  std::map<std::string, std::string> provenance = {};  // only what a straight and an interrupted run share: no time, host, path
};

// Deterministic bytes: options of the network, description and tensors alone decide. Atomic. InternalError where names or colours
// are not one a class (none at all: not known); CannotCreate, IoError.
void save_weights(const SegmentationModel& model, const WeightDescription& description, const std::filesystem::path& file);
// The same of tensors that are not in a network now, with the types they have.
void save_weights(const ModelOptions& model, NamedTensors state, const WeightDescription& description,
                  const std::filesystem::path& file);
// Tensors that belong to no known network, with their provenance.
void save_bare_tensors(NamedTensors state, const std::map<std::string, std::string>& provenance,
                       const std::filesystem::path& file);

// The metadata key that says a .safetensors file was written by save_weights().
inline constexpr char kWeightFormatKey[] = "strata_weights";

struct OpenedWeights {
  ModelOptions model;  // options that belong to the weights; the others (init, dropout, seed) at their defaults
  WeightDescription description;
  NamedTensors state;  // for load_state(*make_model(model), state)
};

// What save_weights() and save_bare_tensors() wrote of it into a file's metadata.
std::map<std::string, std::string> provenance_of(const std::map<std::string, std::string>& metadata);

// FormatError names what is missing or wrong; MissingInput, IoError. Local.
OpenedWeights open_weights(const std::filesystem::path& file);
// The same of a file that is already read; `file` is for messages.
OpenedWeights describe_weights(NamedTensors state, const std::filesystem::path& file);

}  // namespace strata
