#include "models/imported_weights.h"

#include "models/foreign_weights.h"
#include "models/name_map.h"
#include "models/network_recipe.h"
#include "models/network_recognition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace strata {

namespace {

constexpr const char* kNoMomenta = "it holds weights alone";

ImportedWeights own_weights(NamedTensors state, const std::filesystem::path& file) {
  OpenedWeights opened = describe_weights(std::move(state), file);
  ImportedWeights weights;
  weights.format = "safetensors";
  weights.names = "strata";
  weights.state = std::move(opened.state);
  weights.model = opened.model;
  weights.description = std::move(opened.description);
  weights.why_no_momenta = kNoMomenta;
  return weights;
}

void describe_origin(ImportedWeights& weights) {
  auto& provenance = weights.description.provenance;
  if (!provenance.empty()) return;  // of a file that was converted before
  provenance["source.format"] = weights.format;
  provenance["source.names"] = weights.names;
  if (weights.epoch) provenance["epoch"] = std::to_string(*weights.epoch);
  if (weights.mean_iu) provenance["mean_iu"] = fmt::format("{}", *weights.mean_iu);
}

ImportedWeights foreign_weights(const ForeignWeights& foreign) {
  RenamedTensors renaming = rename_tensors(foreign.state);
  ImportedWeights weights;
  weights.format = foreign.format;
  weights.names = renaming.map ? renaming.map->name : "unknown";
  weights.state = std::move(renaming.state);
  weights.description.provenance = provenance_of(weights.state.metadata);
  weights.state.metadata.clear();
  weights.not_needed = std::move(renaming.not_needed);
  weights.epoch = foreign.epoch;
  weights.mean_iu = foreign.mean_iu;
  weights.why_no_momenta = foreign.why_no_momenta;
  for (const auto& [name, momentum] : foreign.momenta.tensors)
    weights.momenta.tensors.emplace_back(renamed(name, renaming.map), momentum);
  RecognisedNetwork network = recognise_network(weights.state, foreign.architecture.value_or(""));
  weights.model = network.model;
  weights.why_no_model = network.why_not;
  if (weights.model) weights.model->align_corners = renaming.map && renaming.map->align_corners;
  describe_origin(weights);
  return weights;
}

}  // namespace

ImportedWeights import_weights(const std::filesystem::path& file) {
  ForeignWeights foreign = read_foreign_weights(file);
  if (foreign.state.metadata.contains(kWeightFormatKey)) return own_weights(std::move(foreign.state), file);
  return foreign_weights(foreign);
}

std::string network_text(const ModelOptions& model) {
  std::string text = model.name;
  const NetworkRecipe* recipe = find_network_recipe(model.name);
  if (recipe && recipe->has_hrnet()) text += ", " + width_name(model.width);
  text += fmt::format(", {} classes", model.num_classes);
  if (recipe && recipe->has_ocr()) text += fmt::format(", {} OCR channels", model.ocr_channels);
  if (recipe && recipe->has_aspp()) text += fmt::format(", {} ASPP channels", model.aspp_channels);
  text += fmt::format(", {} attention channels", model.attention_channels);
  if (recipe && recipe->has_scale_attention() && model.attention_head != AttentionHead::kStandard)
    text += fmt::format(", attention head {}", attention_head_name(model.attention_head));
  if (recipe && recipe->has_fixed_scales()) text += fmt::format(", at scales {}", fmt::join(model.fixed_scales, ","));
  return text + fmt::format(", align_corners {}", model.align_corners);
}

}  // namespace strata
