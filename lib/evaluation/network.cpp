#include "evaluation/network.h"

#include "base/error.h"
#include "base/log.h"
#include "base/sha256.h"
#include "models/frozen_network.h"
#include "models/weight_loading.h"

#include <fmt/format.h>

namespace strata {

namespace fs = std::filesystem;

fs::path weight_file_of(const fs::path& weights) {
  if (!fs::is_directory(weights)) return weights;
  const fs::path best = weights / "weights" / "best.safetensors";
  if (fs::exists(best)) return best;
  const fs::path last = weights / "weights" / "last.safetensors";
  if (fs::exists(last))
    throw MissingInput(fmt::format("{} is not there: no validation of this run is complete. Train on, or evaluate {}",
                                   best.string(), last.string()));
  throw MissingInput(fmt::format(
      "{} holds no weights/best.safetensors. --weights takes a run directory of strata-train that was validated at least "
      "once, a .safetensors or a .pth file",
      weights.string()));
}

void require_same_classes(const ImportedWeights& weights, const LabelSet& labels, const fs::path& weight_file) {
  const auto wrong = [&](const std::string& difference) {
    return ConfigError(
        fmt::format("{}: {}; predictions would be counted as other classes. Evaluate on data with the label set that the weights "
                    "were trained for",
                    weight_file.string(), difference));
  };
  const auto classes = static_cast<size_t>(weights.model->num_classes);
  const std::vector<std::string>& names = weights.description.class_names;
  if (names.empty()) {
    if (classes != labels.classes.size())
      throw wrong(fmt::format("the weights are for {} classes, but '{}' has {}", classes, labels.name, labels.classes.size()));
    log_info("{} does not say what its classes are: taken to be those of '{}', in their order", weight_file.string(),
             labels.name);
    return;
  }
  if (names.size() != labels.classes.size())
    throw wrong(fmt::format("the weights are for {} classes ({}, ...), but '{}' has {} ({}, ...)", names.size(), names.front(),
                            labels.name, labels.classes.size(), labels.classes.empty() ? "" : labels.classes.front().name));
  for (size_t id = 0; id < names.size(); ++id)
    if (names[id] != labels.classes[id].name)
      throw wrong(
          fmt::format("class {} of the weights is '{}', but '{}' in '{}'", id, names[id], labels.classes[id].name, labels.name));
}

OpenedNetwork open_network(const fs::path& weights, const LabelSet& labels, torch::Device device, Precision precision) {
  OpenedNetwork network;
  network.file = weight_file_of(weights);
  ImportedWeights imported = import_weights(network.file);
  if (!imported.model)
    throw ConfigError(fmt::format("{}: {}; evaluation needs a whole network", network.file.string(), imported.why_no_model));
  require_same_classes(imported, labels, network.file);
  network.sha256 = sha256_of_file(network.file);
  network.model = make_blank_model(*imported.model);
  load_weights(*network.model, imported.state, {});
  network.description = std::move(imported.description);
  network.model->to(device);
  network.model->eval();
  freeze(*network.model, precision == Precision::kBf16 ? torch::kBFloat16 : torch::kFloat32);
  return network;
}

}  // namespace strata
