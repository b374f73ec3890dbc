#pragma once
// Tensors into a network, and what of each fits the other.

#include "models/safetensors.h"

#include <optional>
#include <string>
#include <vector>

namespace strata {

struct WeightMatch {
  std::vector<std::string> missing;     // tensors of the network that the file lacks
  std::vector<std::string> misshapen;   // "NAME (network 19x512x1x1, weights 65x512x1x1)"
  std::vector<std::string> unexpected;  // tensors of the file that the network lacks
  std::vector<std::string> heads;       // class heads for another number of classes
  std::vector<std::string>
      counters;      // num_batches_tracked that the file lacks: older PyTorch has none, no network here reads one
  double share = 0;  // of the network's numbers (without counters) that the file has with the right shape

  bool fits() const { return missing.empty() && misshapen.empty() && unexpected.empty() && heads.empty(); }
  // "; 3 missing: a, b, c; 1 of another shape: ..." with up to five names of each kind, or nothing.
  std::string faults() const;
};

WeightMatch match_weights(const torch::nn::Module& module, const NamedTensors& state);

struct LoadRules {
  std::optional<double> partial = {};  // least share with which the rest may stay as it is initialised; nothing: all must fit
  enum class OtherClasses { kRefused, kNewHeads } other_classes = OtherClasses::kRefused;
};

// Copies what matches into the module; types are converted to the module's. FormatError with the match's faults where the rules
// do not allow them; the module is untouched then. What was left out is said in the log: with kNewHeads the class heads for
// another number of classes, which keep their initial weights, and with `partial` the rest and the share that matched.
WeightMatch load_weights(torch::nn::Module& module, const NamedTensors& state, const LoadRules& rules);

}  // namespace strata
