#include "base/error.h"
#include "models/composed_network.h"
#include "models/initial_weights.h"

#include <fmt/format.h>

namespace strata {

namespace {

void check(const ModelOptions& options) {
  const auto require = [](bool holds, const char* what, auto value) {
    if (!holds) throw ConfigError(fmt::format("{} of the network cannot be {}", what, value));
  };
  require(options.num_classes >= 1, "the number of classes", options.num_classes);
  require(options.ocr_channels >= 2 && options.ocr_channels % 2 == 0, "ocr_channels (even, at least 2)", options.ocr_channels);
  require(options.attention_channels >= 1, "attention_channels", options.attention_channels);
  require(options.aspp_channels >= 1, "aspp_channels", options.aspp_channels);
  require(options.low_scale > 0 && options.low_scale < 1, "low_scale (above 0, below 1)", options.low_scale);
}

}  // namespace

std::shared_ptr<SegmentationModel> make_blank_model(const ModelOptions& options, const NormFactory& norm) {
  check(options);
  return std::make_shared<ComposedNetwork>(network_recipe(options.name), options, norm);
}

std::shared_ptr<SegmentationModel> make_model(const ModelOptions& options, const NormFactory& norm) {
  const auto model = make_blank_model(options, norm);
  set_initial_weights(*model, network_recipe(options.name), options);
  return model;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& recipe : network_recipes()) names.push_back(recipe.name);
  return names;
}

int64_t parameter_count(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

}  // namespace strata
