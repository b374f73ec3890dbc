#include "models/network_recipe.h"

#include "base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace strata {

namespace {

using enum TrunkName;
using D = DecoderName;
using F = FusionName;

const std::vector<std::string> kNone, kFinal = {"final"}, kAll = {"aspp", "bot_aspp", "bot_fine", "final"};

std::vector<NetworkRecipe> all() {
  const std::string backbone = "backbone";
  return {
      {"ocrnet.HRNet", kHrnet, D::kOcr, F::kNone, backbone, kNone},
      {"ocrnet.HRNet_Mscale", kHrnet, D::kOcr, F::kHierarchical, backbone, kNone},
      {"ocrnet.OCRNetASPP", kHrnet, D::kAsppOcr, F::kNone, backbone, kNone},
      {"basic.HRNet", kHrnet, D::kSegHead, F::kNone, backbone, {"seg_head"}},
      {"basic.HRNet_ASP", kHrnet, D::kAsppBottleneck, F::kNone, backbone, kAll},
      {"deepv3.DeepV3PlusR50", kResnet50, D::kDeepLabPlus, F::kNone, backbone, kFinal},
      {"deepv3.DeepV3PlusR101", kResnet101, D::kDeepLabPlus, F::kNone, backbone, kFinal},
      {"deepv3.DeepV3PlusSRNX50", kSeResnext50, D::kDeepLabPlus, F::kNone, backbone, kFinal},
      {"deepv3.DeepV3PlusSRNX101", kSeResnext101, D::kDeepLabPlus, F::kNone, backbone, kFinal},
      {"deepv3.DeepV3PlusW38", kWideResnet38, D::kDeepLabPlus, F::kNone, backbone, kFinal},
      {"deepv3.DeepV3PlusW38I", kWideResnet38, D::kDeepLabPlus, F::kNone, backbone, kAll},
      {"deepv3.DeepV3PlusX71", kXception71, D::kDeepLabPlus, F::kNone, backbone, kFinal},
      {"deepv3.DeepV3R50", kResnet50, D::kAspp, F::kNone, backbone, {"aspp", "final"}},
      {"deeper.DeeperW38", kWideResnet38, D::kPanoptic, F::kNone, "trunk", kNone},
      {"deeper.DeeperX71", kXception71, D::kPanoptic, F::kNone, "trunk", kNone},
      {"mscale.DeepV3R50", kResnet50, D::kDeepLabPlus, F::kHierarchical, backbone, kFinal},
      {"mscale.DeepV3W38", kWideResnet38, D::kDeepLabPlus, F::kHierarchical, backbone, kFinal},
      {"mscale.DeepV3W38Fuse", kWideResnet38, D::kDeepLabPlus, F::kContextPyramid, backbone, kFinal},
      {"mscale.DeepV3W38Fuse2", kWideResnet38, D::kDeepLabPlus, F::kContextPyramid2, backbone, kFinal},
      {"mscale.DeepV3X71", kXception71, D::kDeepLabPlus, F::kHierarchical, backbone, kFinal},
      {"mscale.HRNet", kHrnet, D::kClsHead, F::kHierarchical, backbone, kNone},
      {"mscale.HRNet_ASP", kHrnet, D::kAsppBottleneck, F::kHierarchical, backbone, kFinal},
      {"mscale.DeeperW38", kWideResnet38, D::kPanoptic, F::kHierarchical, backbone, kNone},
      {"mscale.DeeperX71", kXception71, D::kPanoptic, F::kHierarchical, backbone, kNone},
      {"mscale2.DeepV3R50", kResnet50, D::kDeepLabPlus, F::kNeighbours, backbone, kFinal},
      {"attnscale.DeepV3R50", kResnet50, D::kDeepLabPlus, F::kExplicit, backbone, kFinal},
      {"attnscale.DeepV3R50B", kResnet50, D::kDeepLabPlus, F::kExplicitNorm, backbone, kFinal},
      {"attnscale.DeepV3R50BP", kResnet50, D::kDeepLabPlus, F::kPairs, backbone, kFinal},
      {"attnscale.DeepV3W38", kWideResnet38, D::kDeepLabPlus, F::kExplicit, backbone, kFinal},
  };
}

}  // namespace

bool NetworkRecipe::has_scale_attention() const {
  return fusion == F::kHierarchical || fusion == F::kContextPyramid || fusion == F::kContextPyramid2;
}

const std::vector<NetworkRecipe>& network_recipes() {
  static const std::vector<NetworkRecipe> recipes = all();
  return recipes;
}

const NetworkRecipe* find_network_recipe(const std::string& name) {
  for (const auto& recipe : network_recipes()) {
    if (recipe.name == name) return &recipe;
  }
  return nullptr;
}

const NetworkRecipe& network_recipe(const std::string& name) {
  if (const NetworkRecipe* recipe = find_network_recipe(name)) return *recipe;
  throw ConfigError(fmt::format("unknown network '{}'; known: {}", name, fmt::join(model_names(), ", ")));
}

}  // namespace strata
