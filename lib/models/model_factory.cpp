#include "base/error.h"
#include "models/initial_weights.h"
#include "models/ocrnet.h"

#include <fmt/format.h>
#include <array>
#include <utility>

namespace strata {

namespace {

using Model = std::shared_ptr<SegmentationModel>;

template <typename Network>
Model make(const ModelOptions& options, const NormFactory& norm) {
  return std::make_shared<Network>(options, norm);
}

using Maker = Model (*)(const ModelOptions&, const NormFactory&);
constexpr std::array<std::pair<const char*, Maker>, 2> kNetworks = {
    {{"ocrnet.HRNet", &make<OcrNet>}, {"ocrnet.HRNet_Mscale", &make<MultiScaleOcrNet>}}};

void check(const ModelOptions& options) {
  const auto require = [](bool holds, const char* what, int value) {
    if (!holds) throw ConfigError(fmt::format("{} of the network cannot be {}", what, value));
  };
  require(options.num_classes >= 1, "the number of classes", options.num_classes);
  require(options.ocr_channels >= 2 && options.ocr_channels % 2 == 0, "ocr_channels (even, at least 2)", options.ocr_channels);
  require(options.attention_channels >= 1, "attention_channels", options.attention_channels);
}

}  // namespace

Model make_model(const ModelOptions& options, const NormFactory& norm) {
  check(options);
  std::string known;
  for (const auto& [name, maker] : kNetworks) {
    if (options.name == name) {
      const Model model = maker(options, norm);
      set_initial_weights(*model, options.init, options.seed);
      return model;
    }
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw ConfigError("unknown network '" + options.name + "'; known: " + known);
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : kNetworks) names.emplace_back(name);
  return names;
}

int64_t parameter_count(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

}  // namespace strata
