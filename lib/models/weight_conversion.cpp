#include "models/weight_conversion.h"

#include "base/error.h"
#include "base/sha256.h"
#include "models/imported_weights.h"

#include <fmt/format.h>

namespace strata {

namespace {

// What the user says comes before what the file says.
ModelOptions network_of(const ImportedWeights& weights, const ConversionOptions& options, size_t classes) {
  if (!weights.model && options.network.empty()) {
    throw ConfigError(
        fmt::format("{}: {}. Say which network it is for with --network, and with --partial how much of it the file "
                    "must have; or give the file to strata-train as [model] weights",
                    options.input.string(), weights.why_no_model));
  }
  ModelOptions model = weights.model.value_or(ModelOptions{.num_classes = static_cast<int>(classes)});
  if (!options.network.empty()) model.name = options.network;
  if (options.width) model.width = *options.width;
  if (options.align_corners) model.align_corners = *options.align_corners;
  model.seed = options.seed;
  return model;
}

void use_classes(WeightDescription& description, const WeightDescription& classes, const ConversionOptions& options) {
  if (!description.class_names.empty()) return;
  if (classes.class_names.empty()) {
    throw ConfigError(
        fmt::format("{} does not say what its classes are called: say it with --labels, or evaluations could count "
                    "one class as another",
                    options.input.string()));
  }
  description.class_names = classes.class_names;
  description.class_colors = classes.class_colors;
  description.ignore_id = classes.ignore_id;
}

}  // namespace

Conversion convert_weights(const ConversionOptions& options, const WeightDescription& classes) {
  ImportedWeights weights = import_weights(options.input);
  use_classes(weights.description, classes, options);
  const size_t num_classes = weights.description.class_names.size();
  Conversion conversion;
  conversion.model = network_of(weights, options, num_classes);
  if (static_cast<size_t>(conversion.model.num_classes) != num_classes) {
    throw ConfigError(fmt::format("{} has {} classes, but --labels names {}: predictions would be called by the wrong names",
                                  options.input.string(), conversion.model.num_classes, num_classes));
  }
  const auto model = make_model(conversion.model);
  try {
    conversion.match = load_weights(*model, weights.state, {.partial = options.partial});
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", options.input.string(), error.what()));
  }
  weights.description.provenance["source.sha256"] = sha256_of_file(options.input);
  if (options.partial) weights.description.provenance["source.share"] = fmt::format("{:.6f}", conversion.match.share);
  save_weights(*model, weights.description, options.output);
  conversion.tensors = state_of(*model).tensors.size();
  return conversion;
}

}  // namespace strata
