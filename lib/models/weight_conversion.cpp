#include "models/weight_conversion.h"

#include "base/error.h"
#include "base/sha256.h"
#include "models/imported_weights.h"

#include <fmt/format.h>

namespace strata {

namespace {

bool network_is_asked_for(const WeightConversionOptions& options) {
  return !options.network.empty() || options.partial.has_value();
}

// What the user says comes before what the file says.
std::optional<ModelOptions> network_of(const ImportedWeights& weights, const WeightConversionOptions& options) {
  if (!weights.model && options.network.empty()) {
    if (!options.partial) return std::nullopt;
    throw ConfigError(fmt::format("{}: {}. Say with --network of which one the file must have the share of --partial",
                                  options.input.string(), weights.why_no_model));
  }
  const auto classes = static_cast<int>(weights.description.class_names.size());
  if (!weights.model && classes == 0) {
    throw ConfigError(fmt::format("{} does not say how many classes {} is to have: say it with --labels", options.input.string(),
                                  options.network));
  }
  ModelOptions model = weights.model.value_or(ModelOptions{.num_classes = classes});
  if (!options.network.empty()) model.name = options.network;
  if (options.width) model.width = *options.width;
  if (options.align_corners) model.align_corners = *options.align_corners;
  model.seed = options.seed;
  return model;
}

void use_classes(WeightDescription& description, const WeightDescription& classes) {
  if (!description.class_names.empty()) return;
  description.class_names = classes.class_names;
  description.class_colors = classes.class_colors;
  description.ignore_id = classes.ignore_id;
}

void require_number_of_classes(const ModelOptions& model, const WeightDescription& description,
                               const WeightConversionOptions& options) {
  const size_t names = description.class_names.size();
  if (names == 0 || names == static_cast<size_t>(model.num_classes)) return;
  throw ConfigError(fmt::format("{} has {} classes, but --labels names {}: predictions would be called by the wrong names",
                                options.input.string(), model.num_classes, names));
}

// The state to write: the file's where all of it fits, the network's where part of it is initialised, nothing where it is bare.
std::optional<NamedTensors> fitted_state(const ImportedWeights& weights, const WeightConversionOptions& options,
                                         WeightConversion& conversion) {
  const auto model = make_model(*conversion.model);
  conversion.match = match_weights(*model, weights.state);
  if (!network_is_asked_for(options)) {
    if (conversion.match.fits()) return weights.state;
    conversion.why_bare =
        fmt::format("its tensors are not those of a whole {}{}", conversion.model->name, conversion.match.faults());
    return std::nullopt;
  }
  try {
    load_weights(*model, weights.state, {.partial = options.partial});
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", options.input.string(), error.what()));
  }
  if (conversion.match.fits()) return weights.state;
  return state_of(*model);
}

}  // namespace

WeightConversion convert_weights(const WeightConversionOptions& options, const WeightDescription& classes) {
  ImportedWeights weights = import_weights(options.input);
  use_classes(weights.description, classes);
  auto& provenance = weights.description.provenance;
  if (!provenance.contains("source.sha256")) provenance["source.sha256"] = sha256_of_file(options.input);
  WeightConversion conversion;
  conversion.model = network_of(weights, options);
  if (!conversion.model) conversion.why_bare = weights.why_no_model;
  std::optional<NamedTensors> state;
  if (conversion.model) {
    require_number_of_classes(*conversion.model, weights.description, options);
    state = fitted_state(weights, options, conversion);
  }
  if (!state) {
    conversion.model.reset();
    conversion.tensors = weights.state.tensors.size();
    save_bare_tensors(std::move(weights.state), provenance, options.output);
    return conversion;
  }
  if (!conversion.match.fits()) provenance["source.share"] = fmt::format("{:.6f}", conversion.match.share);
  conversion.tensors = state->tensors.size();
  save_weights(*conversion.model, std::move(*state), weights.description, options.output);
  return conversion;
}

}  // namespace strata
